import type { Locale, Wording } from './catalogue.ts';

/** Mails about wallets that are topped up by themselves. */
export const AUTO_TOP_UP: Readonly<
  Record<
    Locale,
    { readonly stopped: Wording; readonly stops: Readonly<Record<'declined' | 'disputed', string>> }
  >
> = {
  en: {
    stopped: {
      subject: 'Automatic top-ups are off for {organization}',
      body: [
        'The wallet of {organization} is not topped up by itself any more: {reason}',
        'The next top-up of {amount} USD was not made. When the balance is used up, requests are refused. Top up by hand, save another card if needed, and switch automatic top-ups on again.',
      ],
      action: 'Open billing',
    },
    stops: {
      declined: 'the bank did not accept the saved card.',
      disputed: 'a payment of it was disputed at the bank.',
    },
  },
  'zh-CN': {
    stopped: {
      subject: '{organization} 的自动充值已关闭',
      body: [
        '{organization} 的钱包不再自动充值:{reason}',
        '下一笔 {amount} 美元的充值未完成。余额用完后,请求将被拒绝。请手动充值,必要时保存另一张卡,然后重新开启自动充值。',
      ],
      action: '打开账单',
    },
    stops: {
      declined: '银行未接受已保存的卡。',
      disputed: '其中一笔付款已在银行提出争议。',
    },
  },
  ko: {
    stopped: {
      subject: '{organization}의 자동 충전이 꺼졌습니다',
      body: [
        '{organization}의 지갑이 더 이상 자동으로 충전되지 않습니다. {reason}',
        '다음 {amount} USD 충전이 이루어지지 않았습니다. 잔액을 모두 사용하면 요청이 거부됩니다. 직접 충전하고, 필요하면 다른 카드를 저장한 뒤 자동 충전을 다시 켜세요.',
      ],
      action: '결제 열기',
    },
    stops: {
      declined: '은행이 저장된 카드를 승인하지 않았습니다.',
      disputed: '결제 한 건에 대해 은행에 이의가 제기되었습니다.',
    },
  },
  de: {
    stopped: {
      subject: 'Automatische Aufladungen für {organization} sind aus',
      body: [
        'Das Guthaben von {organization} wird nicht mehr von selbst aufgeladen: {reason}',
        'Die nächste Aufladung von {amount} USD fand nicht statt. Ist das Guthaben verbraucht, werden Anfragen abgelehnt. Laden Sie von Hand auf, speichern Sie bei Bedarf eine andere Karte und schalten Sie automatische Aufladungen wieder ein.',
      ],
      action: 'Abrechnung öffnen',
    },
    stops: {
      declined: 'Die Bank hat die gespeicherte Karte nicht angenommen.',
      disputed: 'Eine Zahlung wurde bei der Bank angefochten.',
    },
  },
  ja: {
    stopped: {
      subject: '{organization} の自動チャージは停止されました',
      body: [
        '{organization} のウォレットは自動的にチャージされなくなりました。{reason}',
        '次の {amount} USD のチャージは行われませんでした。残高がなくなると、リクエストは拒否されます。手動でチャージし、必要に応じて別のカードを保存してから、自動チャージを再び有効にしてください。',
      ],
      action: '請求を開く',
    },
    stops: {
      declined: '銀行が保存済みのカードを承認しませんでした。',
      disputed: '支払いの 1 件について銀行で異議が申し立てられました。',
    },
  },
};
