/** Has something ended when the gateway ends; the newest first. */
export type OnClose = (end: () => unknown) => void;
