import type { Outline, Outlines } from './outlines.ts';

type Document = PDFKit.PDFDocument;
export type Face = 'Helvetica' | 'Helvetica-Bold';

export interface Style {
  readonly face: Face;
  readonly size: number;
  readonly color: string;
}

export interface Place {
  readonly x: number;
  /** Of the upper edge of the line. */
  readonly y: number;
  /** Longer text is cut. */
  readonly width: number;
  readonly isRight?: boolean;
}

/** What the standard fonts have beyond ASCII and Latin-1: Windows-1252. */
const WINDOWS_1252 = new Set('€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ');
const isStandard = (character: string): boolean =>
  /[\u0020-\u007e\u00a0-\u00ff]/.test(character) || WINDOWS_1252.has(character);

/** Of these texts, what only drawings can show. */
export const unusualIn = (texts: readonly string[]): string[] =>
  [...new Set(texts.join(''))].filter((character) => !isStandard(character));

type Piece =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'outline'; readonly outline: Outline };

const WEIGHTS = { Helvetica: 400, 'Helvetica-Bold': 700 } as const satisfies Record<Face, number>;
/** Outlines come in one weight: a pen makes them stronger, as wide in parts of their height as is missing. */
const PEN_PER_WEIGHT = 0.00012;
const CUT = '…';

/** Sets lines of text in standard fonts, with drawings for what those do not have, and `?` for what nobody has. */
export class Typesetter {
  readonly #document: Document;
  readonly #outlines: Outlines;

  constructor(document: Document, outlines: Outlines) {
    this.#document = document;
    this.#outlines = outlines;
  }

  /** Draws one line. */
  line(text: string, style: Style, { x, y, width, isRight = false }: Place): void {
    const shown = this.#fit(clean(text), style, width);
    let left = isRight ? x + width - this.#widthOf(shown, style) : x;
    for (const piece of this.#pieces(shown)) {
      this.#draw(piece, style, left, y);
      left += this.#widthOfPiece(piece, style);
    }
  }

  #fit(text: string, style: Style, width: number): string {
    if (this.#widthOf(text, style) <= width) return text;
    const characters = Array.from(text);
    while (characters.length > 0 && this.#widthOf(characters.join('') + CUT, style) > width) {
      characters.pop();
    }
    return characters.join('') + CUT;
  }

  #pieces(text: string): readonly Piece[] {
    const pieces: Piece[] = [];
    for (const character of text) {
      const outline = isStandard(character) ? undefined : this.#outlines.get(character);
      const last = pieces.at(-1);
      if (outline !== undefined) pieces.push({ kind: 'outline', outline });
      else {
        const shown = isStandard(character) ? character : '?';
        if (last?.kind === 'text')
          pieces[pieces.length - 1] = { kind: 'text', text: last.text + shown };
        else pieces.push({ kind: 'text', text: shown });
      }
    }
    return pieces;
  }

  #widthOf(text: string, style: Style): number {
    return this.#pieces(text).reduce((width, piece) => width + this.#widthOfPiece(piece, style), 0);
  }

  #widthOfPiece(piece: Piece, { face, size }: Style): number {
    if (piece.kind === 'outline') return (piece.outline.advance * size) / piece.outline.unitsPerEm;
    return this.#document.font(face).fontSize(size).widthOfString(piece.text);
  }

  #draw(piece: Piece, { face, size, color }: Style, x: number, y: number): void {
    const document = this.#document;
    if (piece.kind === 'text') {
      document.font(face).fontSize(size).fillColor(color);
      document.text(piece.text, x, y, { lineBreak: false });
      return;
    }
    const { path, unitsPerEm, weight } = piece.outline;
    const scale = size / unitsPerEm;
    document
      .save()
      // Where the standard fonts have their base line.
      .translate(x, y + size * 0.72)
      .scale(scale, -scale)
      .lineJoin('round')
      .lineWidth((WEIGHTS[face] - weight) * PEN_PER_WEIGHT * unitsPerEm)
      .path(path)
      .fillAndStroke(color, color)
      .restore();
  }
}

/** One line, whatever was typed. */
const clean = (text: string): string => text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ');
