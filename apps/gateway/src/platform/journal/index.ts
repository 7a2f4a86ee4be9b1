export { openJournal, type Journal, type JournalOptions } from './journal.ts';
