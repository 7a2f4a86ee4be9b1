import { basename } from 'node:path';

/** The npm that runs us, else the one on the path; as a program and its first arguments, so that no shell is needed. */
export function npm(...args) {
  const script = process.env.npm_execpath;
  const isNpm = script !== undefined && basename(script) === 'npm-cli.js';
  return isNpm ? [process.execPath, script, ...args] : ['npm', ...args];
}
