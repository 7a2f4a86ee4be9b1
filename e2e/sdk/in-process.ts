import { callEveryWay, type Target } from './calls.ts';

declare const process: { readonly argv: readonly string[] };
const [, , target = ''] = process.argv;
// oxlint-disable-next-line no-console -- every runtime has it, and this program only prints
console.log(JSON.stringify(await callEveryWay(JSON.parse(target) as Target)));
