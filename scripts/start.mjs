// `npm start`: installs what is missing, builds what changed, starts the gateway.
// Only what old versions of Node can read is written here, so that they can say what they lack.
import { requireNode } from './setup/require-node.mjs';

requireNode();
const { CHECKOUT } = await import('./setup/checkout.mjs');
const { install } = await import('./setup/install.mjs');
const { build } = await import('./setup/build.mjs');
const { launch } = await import('../apps/gateway/bin/launch.mjs');

// The default data directory, `./data`, lies in the checkout, wherever we are called from.
process.chdir(CHECKOUT);
await install();
await build();
launch(['start', ...process.argv.slice(2)]);
