import type { Messages } from './messages.ts';

export const DE: Messages = {
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
  'limit-reached': {
    subject: '{organization}: {threshold} % des Limits für {month} erreicht ({spender})',
    body: [
      '{organization}, {month}, {spender}: {spent} USD wurden ausgegeben. Das sind mindestens {threshold} % des Limits von {limit} USD.',
      'Bei 100 % werden weitere Anfragen bis zum {resetsOn} ({timeZone}) abgelehnt, außer das Limit wird angehoben.',
      'Sie bekommen diese Mail, weil Ihnen die Organisation gehört oder Sie sie verwalten. In ihren Alarm-Einstellungen lassen sich solche Mails abschalten.',
    ],
  },
  'low-balance': {
    subject: '{organization}: Das Guthaben wird knapp',
    body: [
      'Das Guthaben von {organization} beträgt {balance} USD. Sie wollten es wissen, wenn es unter {limit} USD sinkt.',
      'Ist es aufgebraucht, werden Anfragen abgelehnt. Laden Sie es rechtzeitig auf.',
      'Sie bekommen diese Mail, weil Ihnen die Organisation gehört oder Sie sie verwalten. In ihren Alarm-Einstellungen lassen sich solche Mails abschalten.',
    ],
  },
  'auto-top-up-stopped': {
    subject: 'Automatische Aufladungen für {organization} sind aus',
    body: [
      'Das Guthaben von {organization} wird nicht mehr von selbst aufgeladen: {reason}',
      'Die nächste Aufladung von {amount} USD fand nicht statt. Ist das Guthaben verbraucht, werden Anfragen abgelehnt. Laden Sie von Hand auf, speichern Sie bei Bedarf eine andere Karte und schalten Sie automatische Aufladungen wieder ein.',
    ],
    action: 'Abrechnung öffnen',
  },
  'plan-ended': {
    subject: '{plan} ist für {organization} zu Ende',
    body: [
      'Das Guthaben von {organization} reichte im Monat {month} nicht für die Gebühr von {fee} USD für {plan}. Es wurde nichts abgebucht, und der Tarif ist zu Ende.',
      'Anfragen laufen zu den Preisen ohne Tarif weiter. Laden Sie auf und wählen Sie den Tarif wieder; Sie zahlen für die Tage, die vom Monat übrig sind.',
    ],
    action: 'Abrechnung öffnen',
  },
  footer: 'Diese Mail kommt von Sealgate auf {origin}.',
  roles: { admin: 'Administration', developer: 'Entwicklung' },
  spenders: {
    organization: 'ganze Organisation',
    member: 'Mitglied {name}',
    key: 'Schlüssel {name}',
  },
  somebody: 'Jemand',
  stops: {
    declined: 'Die Bank hat die gespeicherte Karte nicht angenommen.',
    disputed: 'Eine Zahlung wurde bei der Bank angefochten.',
  },
};
