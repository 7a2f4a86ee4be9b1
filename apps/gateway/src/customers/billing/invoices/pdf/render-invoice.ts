import { printUsd, type NanoUsd } from '@sealgate/contract';
import PDFDocument from 'pdfkit';
import { once } from 'node:events';
import { setImmediate as breathe } from 'node:timers/promises';
import type { Invoice, InvoiceLine } from '../invoice.ts';
import { loadOutlines } from './outlines.ts';
import { Typesetter, unusualIn, type Place, type Style } from './typesetter.ts';

type StructureElement = ReturnType<PDFKit.PDFDocument['struct']>;

/** DIN A4, in points. */
const PAGE = { left: 50, top: 50, width: 495, bottom: 770, footer: 800 } as const;
const ROW = 17;
const INK = '#111827';
const GRAY = '#6b7280';
const RULE = '#d1d5db';
const STYLES = {
  title: { face: 'Helvetica-Bold', size: 22, color: INK },
  recipient: { face: 'Helvetica-Bold', size: 12, color: INK },
  sender: { face: 'Helvetica-Bold', size: 10, color: INK },
  label: { face: 'Helvetica', size: 10, color: GRAY },
  fact: { face: 'Helvetica', size: 10, color: INK },
  strong: { face: 'Helvetica-Bold', size: 9, color: INK },
  cell: { face: 'Helvetica', size: 9, color: INK },
  small: { face: 'Helvetica', size: 9, color: GRAY },
  footer: { face: 'Helvetica', size: 8, color: GRAY },
} as const satisfies Record<string, Style>;
const ROWS_BETWEEN_BREATHS = 20;

interface Column {
  readonly title: string;
  readonly x: number;
  readonly width: number;
  readonly isRight: boolean;
  readonly cell: (line: InvoiceLine, decimals: number) => string;
}

const COLUMNS: readonly Column[] = [
  { title: 'Description', x: 50, width: 230, isRight: false, cell: describe },
  { title: 'Number', x: 285, width: 55, isRight: true, cell: ({ entries }) => count(entries) },
  {
    title: 'Tokens in',
    x: 345,
    width: 60,
    isRight: true,
    cell: ({ kind, inputTokens }) => (kind === 'usage' ? count(inputTokens) : ''),
  },
  {
    title: 'Tokens out',
    x: 410,
    width: 60,
    isRight: true,
    cell: ({ kind, outputTokens }) => (kind === 'usage' ? count(outputTokens) : ''),
  },
  {
    title: 'USD',
    x: 475,
    width: 70,
    isRight: true,
    cell: ({ amountNano }, decimals) => printAligned(amountNano, decimals),
  },
];

const LABELS: Readonly<Record<string, string>> = {
  start_credit: 'Start credit',
  top_up: 'Top-ups',
  credit: 'Credits',
  refund: 'Refunded requests',
  adjustment: 'Adjustments',
  top_up_refund: 'Top-ups given back',
  top_up_refund_reversal: 'Returns of top-ups that failed',
  dispute: 'Disputed payments',
  dispute_reversal: 'Disputes won',
  plan_fee: 'Plan fees',
};

function describe({ kind, billingTier, model }: InvoiceLine): string {
  if (kind !== 'usage') return LABELS[kind] ?? kind.replaceAll('_', ' ');
  return `Usage, ${billingTier ?? 'other'}: ${model ?? 'other models'}`;
}

/** As many decimals as the longest amount has, so that points stand below each other. */
const printAligned = (amountNano: NanoUsd, decimals: number): string => {
  const [whole = '', fraction = ''] = printUsd(amountNano).split('.');
  return `${count(whole)}.${fraction.padEnd(decimals, '0')}`;
};

const decimalsOf = ({ openingNano, closingNano, lines }: Invoice): number =>
  [openingNano, closingNano, ...lines.map(({ amountNano }) => amountNano)].reduce(
    (longest, amount) => {
      const { length } = printUsd(amount).split('.')[1] ?? '';
      return length > longest ? length : longest;
    },
    2,
  );

/** 1234567 is "1,234,567". */
const count = (value: bigint | string): string =>
  value.toString().replaceAll(/\B(?=(\d{3})+$)/g, ',');

/** An invoice as a tagged PDF. Other work gets its turn in between; it takes some 30 ms altogether. */
export async function renderInvoice(invoice: Invoice): Promise<Buffer> {
  const texts = [
    invoice.recipientName,
    invoice.operatorName,
    ...invoice.operatorAddress,
    ...invoice.lines.map(describe),
  ];
  const outlines = await loadOutlines(unusualIn(texts));
  const document = new PDFDocument({
    size: 'A4',
    margin: 0,
    bufferPages: true,
    tagged: true,
    pdfVersion: '1.7',
    lang: 'en',
    displayTitle: true,
    info: {
      Title: `Invoice ${invoice.number}`,
      Author: invoice.operatorName,
      Subject: `${invoice.month}, ${invoice.recipientName}`,
      Creator: 'Sealgate',
      CreationDate: invoice.issuedAt,
    },
  });
  const chunks: Buffer[] = [];
  document.on('data', (chunk: Buffer) => chunks.push(chunk));
  await new Page(document, new Typesetter(document, outlines), invoice).draw();
  const ended = once(document, 'end');
  document.end();
  await ended;
  return Buffer.concat(chunks);
}

class Page {
  readonly #document: PDFKit.PDFDocument;
  readonly #typesetter: Typesetter;
  readonly #invoice: Invoice;
  readonly #root: StructureElement;
  readonly #decimals: number;
  #y: number = PAGE.top;

  constructor(document: PDFKit.PDFDocument, typesetter: Typesetter, invoice: Invoice) {
    this.#document = document;
    this.#typesetter = typesetter;
    this.#invoice = invoice;
    this.#decimals = decimalsOf(invoice);
    this.#root = document.struct('Document');
    document.addStructure(this.#root);
  }

  async draw(): Promise<void> {
    this.#head();
    this.#facts();
    await this.#table();
    this.#root.end();
    this.#footers();
  }

  /** Readers hear `text`, whatever stands on the page. */
  #tagged(parent: StructureElement, tag: string, text: string, draw: () => void) {
    const element = this.#document.struct(tag, { actual: text }, draw);
    parent.add(element);
    element.end();
  }

  #write(text: string, style: Style, place: Place): void {
    this.#typesetter.line(text, style, place);
  }

  #head(): void {
    const { number, operatorName, operatorAddress, recipientName, organizationId } = this.#invoice;
    const left = { x: PAGE.left, y: this.#y, width: 240 };
    this.#tagged(this.#root, 'H1', `Invoice ${number}`, () =>
      this.#write(`Invoice ${number}`, STYLES.title, left),
    );
    const right = { x: 305, width: 240, isRight: true };
    const sender = [operatorName, ...operatorAddress];
    this.#tagged(this.#root, 'P', sender.join(', '), () => {
      for (const [index, text] of sender.entries()) {
        const style = index === 0 ? STYLES.sender : STYLES.fact;
        this.#write(text, style, { ...right, y: this.#y + index * 13 });
      }
    });
    const below = 40 + (sender.length > 3 ? (sender.length - 3) * 13 : 0);
    this.#y += below + 20;
    this.#tagged(this.#root, 'P', `To ${recipientName} (${organizationId})`, () => {
      this.#write('To', STYLES.small, { ...left, y: this.#y });
      const place = { x: PAGE.left, width: PAGE.width };
      this.#write(recipientName, STYLES.recipient, { ...place, y: this.#y + 13 });
      this.#write(organizationId, STYLES.small, { ...place, y: this.#y + 29 });
    });
    this.#y += 60;
  }

  #facts(): void {
    const { timeZone, beganAt, endedAt, issuedAt } = this.#invoice;
    const lastMoment = new Date(endedAt.getTime() - 1);
    const facts = [
      ['Period', `${dayOf(beganAt, timeZone)} to ${dayOf(lastMoment, timeZone)} (${timeZone})`],
      ['Issued', dayOf(issuedAt, timeZone)],
      ['Currency', 'US dollars'],
    ] as const;
    for (const [name, value] of facts) {
      this.#tagged(this.#root, 'P', `${name}: ${value}`, () => {
        this.#write(name, STYLES.label, { x: PAGE.left, y: this.#y, width: 80 });
        this.#write(value, STYLES.fact, { x: 130, y: this.#y, width: 400 });
      });
      this.#y += 15;
    }
    this.#y += 20;
  }

  async #table(): Promise<void> {
    const table = this.#document.struct('Table');
    this.#root.add(table);
    const { openingNano, closingNano, lines } = this.#invoice;
    this.#heading(table);
    this.#sum(table, 'Balance when the month began', openingNano);
    for (const [index, line] of lines.entries()) {
      if (index % ROWS_BETWEEN_BREATHS === 0) await breathe();
      this.#row(table, 'TD', STYLES.cell, (column) => column.cell(line, this.#decimals));
    }
    this.#sum(table, 'Balance when the month ended', closingNano);
    table.end();
  }

  #heading(table: StructureElement): void {
    this.#row(table, 'TH', STYLES.strong, ({ title }) => title);
  }

  #sum(table: StructureElement, title: string, amountNano: NanoUsd): void {
    const [first, last] = [COLUMNS[0], COLUMNS.at(-1)];
    this.#row(table, 'TD', STYLES.strong, (column) => {
      if (column === first) return title;
      return column === last ? printAligned(amountNano, this.#decimals) : '';
    });
  }

  #row(
    table: StructureElement,
    tag: 'TH' | 'TD',
    style: Style,
    cellOf: (column: Column) => string,
  ): void {
    if (this.#y + ROW > PAGE.bottom) {
      this.#document.addPage();
      this.#y = PAGE.top;
      this.#heading(table);
    }
    const row = this.#document.struct('TR');
    table.add(row);
    for (const column of COLUMNS) {
      const text = cellOf(column);
      this.#tagged(row, tag, text, () => {
        if (text !== '') this.#write(text, style, { ...column, y: this.#y + 4 });
      });
    }
    row.end();
    this.#y += ROW;
    this.#rule();
  }

  #rule(): void {
    this.#document.markContent('Artifact', { type: 'Layout' });
    this.#document
      .moveTo(PAGE.left, this.#y)
      .lineTo(PAGE.left + PAGE.width, this.#y)
      .lineWidth(0.5)
      .stroke(RULE);
    this.#document.endMarkedContent();
  }

  #footers(): void {
    const { count: pages } = this.#document.bufferedPageRange();
    for (let page = 0; page < pages; page += 1) {
      this.#document.switchToPage(page);
      this.#document.markContent('Artifact', { type: 'Pagination', attached: ['Bottom'] });
      const place = { x: PAGE.left, y: PAGE.footer, width: PAGE.width };
      this.#write(this.#invoice.number, STYLES.footer, place);
      const text = `Page ${page + 1} of ${pages}`;
      this.#write(text, STYLES.footer, { ...place, isRight: true });
      this.#document.endMarkedContent();
    }
  }
}

/** Such as `2026-10-31`: Swedes write days like this. */
const dayOf = (moment: Date, timeZone: string): string =>
  new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short' }).format(moment);
