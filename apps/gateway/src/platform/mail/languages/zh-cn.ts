import type { Messages } from './messages.ts';

export const ZH_CN: Messages = {
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
  'limit-reached': {
    subject: '{organization}:{month} 已达限额的 {threshold} %({spender})',
    body: [
      '{organization}:{month},{spender}已消费 {spent} USD,至少达到限额 {limit} USD 的 {threshold} %。',
      '达到 100 % 后,后续请求将被拒绝,直到 {resetsOn}({timeZone}),除非所有者或管理员提高限额。',
      '您收到此邮件是因为您是该组织的所有者或管理员。你们可以在组织的提醒设置中关闭此类邮件。',
    ],
  },
  'low-balance': {
    subject: '{organization}:余额不足',
    body: [
      '{organization} 的余额为 {balance} USD,已低于您设定的提醒额度 {limit} USD。',
      '余额用完后,请求将被拒绝。请及时充值。',
      '您收到此邮件是因为您是该组织的所有者或管理员。你们可以在组织的提醒设置中关闭此类邮件。',
    ],
  },
  'auto-top-up-stopped': {
    subject: '{organization} 的自动充值已关闭',
    body: [
      '{organization} 的钱包不再自动充值:{reason}',
      '下一笔 {amount} 美元的充值未完成。余额用完后,请求将被拒绝。请手动充值,必要时保存另一张卡,然后重新开启自动充值。',
    ],
    action: '打开账单',
  },
  'plan-ended': {
    subject: '{organization} 的 {plan} 套餐已结束',
    body: [
      '{organization} 的钱包余额不足以支付 {month} 的 {plan} 套餐费 {fee} 美元,因此未扣款,套餐已结束。',
      '请求将按无套餐的价格继续处理。请充值后重新选择套餐;您只需支付当月剩余天数的费用。',
    ],
    action: '打开账单',
  },
  footer: '此邮件由 {origin} 上的 Sealgate 发送。',
  roles: { admin: '管理员', developer: '开发者' },
  spenders: { organization: '整个组织', member: '成员 {name} ', key: '密钥 {name} ' },
  somebody: '有人',
  stops: {
    declined: '银行未接受已保存的卡。',
    disputed: '其中一笔付款已在银行提出争议。',
  },
};
