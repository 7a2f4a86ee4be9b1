// The key acts for the person who created it.
import { Sealgate } from '@sealgate/sdk';

const {
  SEALGATE_URL = 'http://127.0.0.1:8787',
  SEALGATE_API_KEY,
  OLD_PASSWORD = '',
  NEW_PASSWORD = '',
} = process.env;
const client = new Sealgate({ baseURL: `${SEALGATE_URL}/v1`, apiKey: SEALGATE_API_KEY });

const me = await client.auth.me();
await client.auth.updateProfile({ full_name: 'Jane Doe' });
await client.auth.changePassword({
  current_password: OLD_PASSWORD,
  new_password: NEW_PASSWORD,
});
const status = await client.auth.twoFaStatus();

console.log(`The password of ${me.email} is changed.`);
console.log(`The second factor is ${status.enabled ? 'on' : 'off'}.`);
