// Whoever is invited gets a mail. This waits until the link in it was followed, then hands the organization over.
import { setTimeout as sleep } from 'node:timers/promises';
import { Sealgate, type Member } from '@sealgate/sdk';

const {
  SEALGATE_URL = 'http://127.0.0.1:8787',
  SEALGATE_API_KEY,
  INVITED = 'dev@acme.com',
} = process.env;
const client = new Sealgate({ baseURL: `${SEALGATE_URL}/v1`, apiKey: SEALGATE_API_KEY });

const created = await client.organizations.create('Acme Inc');
const { org_id: organizationId } = created.organization;
await client.organizations.inviteMember(organizationId, {
  email: INVITED,
  role: 'developer',
});
console.log(`Waiting for ${INVITED} to accept the invitation.`);

let newOwner: Member | undefined;
while (newOwner === undefined) {
  await sleep(1_000);
  const members = await client.organizations.listMembers(organizationId);
  newOwner = members.data.find(({ role }) => role === 'developer');
}
const organization = await client.organizations.transferOwner(organizationId, {
  new_owner_user_id: newOwner.user_id,
});

console.log(`${newOwner.email} owns ${organization.name}; you are its ${organization.role}.`);
