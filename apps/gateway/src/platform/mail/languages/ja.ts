import type { Messages } from './messages.ts';

export const JA: Messages = {
  'verify-email': {
    subject: 'メールアドレスの確認',
    body: [
      'Sealgate へようこそ。アカウントの作成を完了するには、このアドレスを確認してください。',
      'リンクの有効期間は 24 時間です。お心当たりがない場合は、このメールを無視してください。アカウントは自動的に削除されます。',
    ],
    action: 'アドレスを確認',
  },
  'account-exists': {
    subject: 'すでにアカウントがあります',
    body: [
      'このアドレスでアカウントを作成しようとした方がいますが、すでにアカウントがあります。',
      'ご本人の場合はログインするか、パスワードをお忘れの場合は再設定してください。お心当たりがない場合は、何もする必要はありません。',
    ],
    action: 'ログイン',
  },
  'reset-password': {
    subject: '新しいパスワードの設定',
    body: [
      'アカウントの新しいパスワードが要求されました。ご本人の場合は、今すぐ設定してください。',
      'リンクの有効期間は 30 分で、一度だけ使えます。お心当たりがない場合は、このメールを無視してください。パスワードは変わりません。',
    ],
    action: '新しいパスワードを設定',
  },
  'password-changed': {
    subject: 'パスワードが変更されました',
    body: [
      'アカウントのパスワードが変更され、ほかのセッションは終了しました。',
      'お心当たりがない場合は、すぐに新しいパスワードを設定してください。',
    ],
    action: '新しいパスワードを設定',
  },
  invitation: {
    subject: '{inviter} さんが {organization} に招待しています',
    body: [
      '{inviter} さんが、あなたを{role}として組織 {organization} に招待しています。',
      'リンクの有効期間は 7 日です。承諾するには、このメールアドレスのアカウントが必要です。',
    ],
    action: '招待を承諾',
  },
  'account-deactivated': {
    subject: 'アカウントは閉鎖されました',
    body: [
      'アカウントは閉鎖され、セッションとキーは終了しました。個人データは {eraseAfter} 以降に消去されます。',
      'お心当たりがない場合や、お考えが変わった場合は、それまでにこのサービスの運営者へご連絡ください。',
    ],
  },
  'limit-reached': {
    subject: '{organization}:{month} の上限の {threshold} % に達しました({spender})',
    body: [
      '{organization}:{month} の{spender}の利用額は {spent} USD です。上限 {limit} USD の {threshold} % 以上に達しました。',
      '100 % に達すると、オーナーまたは管理者が上限を引き上げない限り、{resetsOn}({timeZone})まで以降のリクエストは拒否されます。',
      'このメールは、組織のオーナーまたは管理者の方にお送りしています。組織のアラート設定で、このようなメールを停止できます。',
    ],
  },
  'low-balance': {
    subject: '{organization}:残高が少なくなっています',
    body: [
      '{organization} の残高は {balance} USD です。設定された通知の基準額 {limit} USD を下回りました。',
      '残高がなくなると、リクエストは拒否されます。お早めにチャージしてください。',
      'このメールは、組織のオーナーまたは管理者の方にお送りしています。組織のアラート設定で、このようなメールを停止できます。',
    ],
  },
  'auto-top-up-stopped': {
    subject: '{organization} の自動チャージは停止されました',
    body: [
      '{organization} のウォレットは自動的にチャージされなくなりました。{reason}',
      '次の {amount} USD のチャージは行われませんでした。残高がなくなると、リクエストは拒否されます。手動でチャージし、必要に応じて別のカードを保存してから、自動チャージを再び有効にしてください。',
    ],
    action: '請求を開く',
  },
  'plan-ended': {
    subject: '{organization} の {plan} は終了しました',
    body: [
      '{organization} のウォレットの残高が {month} の {plan} の料金 {fee} USD に足りなかったため、請求は行われず、プランは終了しました。',
      'リクエストはプランなしの料金で引き続きご利用いただけます。チャージしてから、もう一度プランを選択してください。お支払いは月の残りの日数分です。',
    ],
    action: '請求を開く',
  },
  footer: 'このメールは {origin} の Sealgate から送信されました。',
  roles: { admin: '管理者', developer: '開発者' },
  spenders: { organization: '組織全体', member: 'メンバー {name} ', key: 'キー {name} ' },
  somebody: '誰か',
  stops: {
    declined: '銀行が保存済みのカードを承認しませんでした。',
    disputed: '支払いの 1 件について銀行で異議が申し立てられました。',
  },
};
