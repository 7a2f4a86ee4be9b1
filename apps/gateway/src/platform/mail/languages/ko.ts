import type { Messages } from './messages.ts';

export const KO: Messages = {
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
  'limit-reached': {
    subject: '{organization}: {month} 한도의 {threshold} % 도달 ({spender})',
    body: [
      '{organization}: {month}에 {spender}의 사용액이 {spent} USD입니다. 한도 {limit} USD의 {threshold} % 이상입니다.',
      '100 %에 도달하면 소유자나 관리자가 한도를 올리지 않는 한 {resetsOn} ({timeZone})까지 이후 요청이 거부됩니다.',
      '조직의 소유자 또는 관리자이기 때문에 이 메일을 받으셨습니다. 조직의 알림 설정에서 이러한 메일을 끌 수 있습니다.',
    ],
  },
  'low-balance': {
    subject: '{organization}: 잔액이 부족합니다',
    body: [
      '{organization}의 잔액은 {balance} USD입니다. 설정하신 알림 기준은 {limit} USD입니다.',
      '잔액이 모두 소진되면 요청이 거부됩니다. 미리 충전해 주세요.',
      '조직의 소유자 또는 관리자이기 때문에 이 메일을 받으셨습니다. 조직의 알림 설정에서 이러한 메일을 끌 수 있습니다.',
    ],
  },
  'auto-top-up-stopped': {
    subject: '{organization}의 자동 충전이 꺼졌습니다',
    body: [
      '{organization}의 지갑이 더 이상 자동으로 충전되지 않습니다. {reason}',
      '다음 {amount} USD 충전이 이루어지지 않았습니다. 잔액을 모두 사용하면 요청이 거부됩니다. 직접 충전하고, 필요하면 다른 카드를 저장한 뒤 자동 충전을 다시 켜세요.',
    ],
    action: '결제 열기',
  },
  'plan-ended': {
    subject: '{organization}의 {plan} 요금제가 종료되었습니다',
    body: [
      '{organization}의 지갑 잔액이 {month} {plan} 요금 {fee} USD보다 부족하여 요금이 청구되지 않았고 요금제가 종료되었습니다.',
      '요청은 요금제 없는 가격으로 계속 처리됩니다. 충전한 뒤 요금제를 다시 선택하세요. 그 달의 남은 날짜만큼만 결제합니다.',
    ],
    action: '결제 열기',
  },
  footer: '이 메일은 {origin}의 Sealgate에서 보냈습니다.',
  roles: { admin: '관리자', developer: '개발자' },
  spenders: { organization: '조직 전체', member: '구성원 {name}', key: '키 {name}' },
  somebody: '누군가',
  stops: {
    declined: '은행이 저장된 카드를 승인하지 않았습니다.',
    disputed: '결제 한 건에 대해 은행에 이의가 제기되었습니다.',
  },
};
