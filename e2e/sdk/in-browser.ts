import { callEveryWay } from './calls.ts';

Object.assign(globalThis, { callEveryWay });
