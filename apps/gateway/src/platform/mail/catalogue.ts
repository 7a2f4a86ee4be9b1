import { AUTO_TOP_UP } from './catalogue-money.ts';
import type { Mail, MailContent } from './mail.ts';

export type Locale = Mail['locale'];
export type Template = MailContent['template'];

/** What a message says; `{name}` is filled in. */
export interface Wording {
  readonly subject: string;
  /** Paragraphs. */
  readonly body: readonly string[];
  /** On the button, where there is a link. */
  readonly action?: string;
}

type Messages = Readonly<Record<Template, Wording>> & {
  /** At the end of every mail. */
  readonly footer: string;
  readonly roles: Readonly<Record<'admin' | 'developer', string>>;
  /** For an inviter without a name. */
  readonly somebody: string;
  /** Why a wallet is not topped up by itself any more. */
  readonly stops: Readonly<Record<'declined' | 'disputed', string>>;
};

/** Every mail in every language. */
export const CATALOGUE: Readonly<Record<Locale, Messages>> = {
  en: {
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
    'auto-top-up-stopped': AUTO_TOP_UP.en.stopped,
    footer: 'This mail was sent by Sealgate at {origin}.',
    roles: { admin: 'admin', developer: 'developer' },
    somebody: 'Somebody',
    stops: AUTO_TOP_UP.en.stops,
  },
  'zh-CN': {
    'verify-email': {
      subject: '请确认您的电子邮箱',
      body: [
        '欢迎使用 Sealgate。请确认此邮箱地址以完成账户创建。',
        '链接在 24 小时内有效。如果您没有申请账户,请忽略此邮件,该账户会被自动删除。',
      ],
      action: '确认邮箱',
    },
    'account-exists': {
      subject: '您已经有账户了',
      body: [
        '有人尝试使用此邮箱创建账户,但该邮箱已有账户。',
        '如果是您本人,请直接登录;如果忘记了密码,请重新设置密码。如果不是您本人,则无需任何操作。',
      ],
      action: '登录',
    },
    'reset-password': {
      subject: '设置新密码',
      body: [
        '有人为您的账户申请了新密码。如果是您本人,请立即设置。',
        '链接在 30 分钟内有效,且只能使用一次。如果不是您本人,请忽略此邮件,您的密码不会改变。',
      ],
      action: '设置新密码',
    },
    'password-changed': {
      subject: '您的密码已更改',
      body: ['您的账户密码已更改,其他会话已结束。', '如果不是您本人操作,请立即设置新密码。'],
      action: '设置新密码',
    },
    invitation: {
      subject: '{inviter} 邀请您加入 {organization}',
      body: [
        '{inviter} 邀请您以{role}身份加入组织 {organization}。',
        '链接在 7 天内有效。您需要使用此邮箱的账户才能接受邀请。',
      ],
      action: '接受邀请',
    },
    'account-deactivated': {
      subject: '您的账户已关闭',
      body: [
        '您的账户已关闭,其会话和密钥均已失效。您的个人数据将在 {eraseAfter} 之后被清除。',
        '如果不是您本人操作,或者您改变了主意,请在此之前联系本服务的运营者。',
      ],
    },
    'auto-top-up-stopped': AUTO_TOP_UP['zh-CN'].stopped,
    footer: '此邮件由 {origin} 上的 Sealgate 发送。',
    roles: { admin: '管理员', developer: '开发者' },
    somebody: '有人',
    stops: AUTO_TOP_UP['zh-CN'].stops,
  },
  ko: {
    'verify-email': {
      subject: '이메일 주소를 확인해 주세요',
      body: [
        'Sealgate에 오신 것을 환영합니다. 계정 생성을 완료하려면 이 주소를 확인해 주세요.',
        '링크는 24시간 동안 유효합니다. 계정을 요청하지 않으셨다면 이 메일을 무시하세요. 계정은 자동으로 삭제됩니다.',
      ],
      action: '주소 확인',
    },
    'account-exists': {
      subject: '이미 계정이 있습니다',
      body: [
        '누군가 이 주소로 계정을 만들려고 했지만 이미 계정이 있습니다.',
        '본인이라면 로그인하시고, 비밀번호를 잊으셨다면 새로 설정하세요. 본인이 아니라면 아무것도 하지 않으셔도 됩니다.',
      ],
      action: '로그인',
    },
    'reset-password': {
      subject: '새 비밀번호 설정',
      body: [
        '누군가 회원님 계정의 새 비밀번호를 요청했습니다. 본인이라면 지금 설정하세요.',
        '링크는 30분 동안 유효하며 한 번만 사용할 수 있습니다. 본인이 아니라면 이 메일을 무시하세요. 비밀번호는 바뀌지 않습니다.',
      ],
      action: '새 비밀번호 설정',
    },
    'password-changed': {
      subject: '비밀번호가 변경되었습니다',
      body: [
        '계정의 비밀번호가 변경되었고 다른 세션은 종료되었습니다.',
        '본인이 아니라면 즉시 새 비밀번호를 설정하세요.',
      ],
      action: '새 비밀번호 설정',
    },
    invitation: {
      subject: '{inviter} 님이 {organization}에 초대했습니다',
      body: [
        '{inviter} 님이 회원님을 {organization} 조직에 {role}(으)로 초대했습니다.',
        '링크는 7일 동안 유효합니다. 수락하려면 이 이메일 주소의 계정이 필요합니다.',
      ],
      action: '초대 수락',
    },
    'account-deactivated': {
      subject: '계정이 해지되었습니다',
      body: [
        '계정이 해지되었으며 세션과 키가 종료되었습니다. 개인 데이터는 {eraseAfter} 이후 삭제됩니다.',
        '본인이 아니거나 마음이 바뀌셨다면 그 전에 이 서비스의 운영자에게 연락하세요.',
      ],
    },
    'auto-top-up-stopped': AUTO_TOP_UP.ko.stopped,
    footer: '이 메일은 {origin}의 Sealgate에서 보냈습니다.',
    roles: { admin: '관리자', developer: '개발자' },
    somebody: '누군가',
    stops: AUTO_TOP_UP.ko.stops,
  },
  de: {
    'verify-email': {
      subject: 'Bestätigen Sie Ihre E-Mail-Adresse',
      body: [
        'Willkommen bei Sealgate. Bestätigen Sie diese Adresse, um Ihr Konto fertig anzulegen.',
        'Der Link gilt 24 Stunden. Wenn Sie kein Konto wollten, ignorieren Sie diese Mail: Es wird von selbst gelöscht.',
      ],
      action: 'Adresse bestätigen',
    },
    'account-exists': {
      subject: 'Sie haben bereits ein Konto',
      body: [
        'Jemand wollte mit dieser Adresse ein Konto anlegen, doch sie hat schon eines.',
        'Wenn Sie es waren, melden Sie sich an oder setzen Sie ein neues Passwort, falls Sie Ihres vergessen haben. Wenn nicht, ist nichts zu tun.',
      ],
      action: 'Anmelden',
    },
    'reset-password': {
      subject: 'Neues Passwort setzen',
      body: [
        'Jemand hat ein neues Passwort für Ihr Konto angefordert. Wenn Sie es waren, setzen Sie es jetzt.',
        'Der Link gilt 30 Minuten und nur einmal. Wenn nicht, ignorieren Sie diese Mail: Ihr Passwort bleibt, wie es ist.',
      ],
      action: 'Neues Passwort setzen',
    },
    'password-changed': {
      subject: 'Ihr Passwort wurde geändert',
      body: [
        'Das Passwort Ihres Kontos wurde geändert, andere Sitzungen wurden beendet.',
        'Wenn Sie es nicht waren, setzen Sie sofort ein neues Passwort.',
      ],
      action: 'Neues Passwort setzen',
    },
    invitation: {
      subject: '{inviter} lädt Sie zu {organization} ein',
      body: [
        '{inviter} lädt Sie ein, der Organisation {organization} beizutreten, Rolle: {role}.',
        'Der Link gilt 7 Tage. Zum Annehmen brauchen Sie ein Konto mit dieser E-Mail-Adresse.',
      ],
      action: 'Einladung annehmen',
    },
    'account-deactivated': {
      subject: 'Ihr Konto ist geschlossen',
      body: [
        'Ihr Konto ist geschlossen; seine Sitzungen und Schlüssel sind beendet. Ihre persönlichen Daten werden nach dem {eraseAfter} gelöscht.',
        'Wenn Sie es nicht waren oder es sich anders überlegt haben, wenden Sie sich vorher an den Betreiber dieses Dienstes.',
      ],
    },
    'auto-top-up-stopped': AUTO_TOP_UP.de.stopped,
    footer: 'Diese Mail kommt von Sealgate auf {origin}.',
    roles: { admin: 'Administration', developer: 'Entwicklung' },
    somebody: 'Jemand',
    stops: AUTO_TOP_UP.de.stops,
  },
  ja: {
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
    'auto-top-up-stopped': AUTO_TOP_UP.ja.stopped,
    footer: 'このメールは {origin} の Sealgate から送信されました。',
    roles: { admin: '管理者', developer: '開発者' },
    somebody: '誰か',
    stops: AUTO_TOP_UP.ja.stops,
  },
};
