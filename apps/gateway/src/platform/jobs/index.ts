export { addJob, addJobs, type JobName, type JobPayloads } from './add.ts';
export { startJobs, type JobLog, type JobRunner, type Jobs } from './start.ts';
