import type { Messages } from './messages.ts';

export const EN: Messages = {
  'verify-email': {
    subject: 'Confirm your e-mail address',
    body: [
      'Welcome to Sealgate. Confirm this address to finish creating your account.',
      'The link is valid for 24 hours. If you did not ask for an account, ignore this mail: it will be deleted by itself.',
    ],
    action: 'Confirm address',
  },
  'account-exists': {
    subject: 'You already have an account',
    body: [
      'Somebody tried to create an account with this address, but it already has one.',
      'If it was you, sign in instead, or set a new password if you have forgotten it. If it was not you, there is nothing to do.',
    ],
    action: 'Sign in',
  },
  'reset-password': {
    subject: 'Set a new password',
    body: [
      'Somebody asked for a new password for your account. If it was you, set one now.',
      'The link is valid for 30 minutes and works once. If it was not you, ignore this mail: your password stays as it is.',
    ],
    action: 'Set a new password',
  },
  'password-changed': {
    subject: 'Your password was changed',
    body: [
      'The password of your account was changed and other sessions were ended.',
      'If it was not you, set a new password at once.',
    ],
    action: 'Set a new password',
  },
  invitation: {
    subject: '{inviter} invites you to {organization}',
    body: [
      '{inviter} invites you to join the organization {organization} as {role}.',
      'The link is valid for 7 days. You need an account with this e-mail address to accept.',
    ],
    action: 'Accept the invitation',
  },
  'account-deactivated': {
    subject: 'Your account is closed',
    body: [
      'Your account is closed; its sessions and keys have ended. Your personal data will be erased after {eraseAfter}.',
      'If it was not you, or if you have changed your mind, answer to the operator of this service before then.',
    ],
  },
  'limit-reached': {
    subject: '{organization}: {threshold} % of the limit for {month} ({spender})',
    body: [
      '{organization}: in {month}, {spender} has spent {spent} USD. That is at least {threshold} % of the limit of {limit} USD.',
      'At 100 % further requests are refused until {resetsOn} ({timeZone}), unless the owner or an admin raises the limit.',
      'You get this mail as the owner or an admin of the organization. Either of you can switch such mails off in its alert settings.',
    ],
  },
  'low-balance': {
    subject: '{organization}: the balance is low',
    body: [
      'The balance of {organization} is {balance} USD. You wanted to know when it is below {limit} USD.',
      'Requests are refused once it is used up. Top up in time.',
      'You get this mail as the owner or an admin of the organization. Either of you can switch such mails off in its alert settings.',
    ],
  },
  'auto-top-up-stopped': {
    subject: 'Automatic top-ups are off for {organization}',
    body: [
      'The wallet of {organization} is not topped up by itself any more: {reason}',
      'The next top-up of {amount} USD was not made. When the balance is used up, requests are refused. Top up by hand, save another card if needed, and switch automatic top-ups on again.',
    ],
    action: 'Open billing',
  },
  'plan-ended': {
    subject: '{plan} has ended for {organization}',
    body: [
      'The wallet of {organization} did not cover the fee of {fee} USD for {plan} in {month}, so nothing was charged and the plan has ended.',
      'Requests go on at the prices without a plan. Top up, then choose the plan again; you pay for the days that are left of the month.',
    ],
    action: 'Open billing',
  },
  footer: 'This mail was sent by Sealgate at {origin}.',
  roles: { admin: 'admin', developer: 'developer' },
  spenders: {
    organization: 'the whole organization',
    member: 'the member {name}',
    key: 'the key {name}',
  },
  somebody: 'Somebody',
  stops: {
    declined: 'the bank did not accept the saved card.',
    disputed: 'a payment of it was disputed at the bank.',
  },
};
