/** What stands around a style: the same on both sides, or a start and an end. */
export type Marker = string | readonly [start: string, end: string];

/** A part of rendered text, or the start or end of a style. */
export type Piece = string | { marker: Marker; isStart: boolean };

/** What stands around and between two markers. */
export interface Styled {
  /** The one at the start. */
  marker: string;
  /** The last character before; empty at the start. */
  before: string;
  inner: string;
  /** The first character after; empty at the end. */
  after: string;
  /** Whether there is no other style inside. */
  isPlain: boolean;
}

/**
 * The pieces as one text. A style whose markers the reader's rules wouldn't take for markers is left out, so that no
 * marker is ever shown and none pairs with another's.
 */
export function joinStyled(pieces: readonly Piece[], fits: (styled: Styled) => boolean): string {
  const dropped = new Set<number>();
  const starts: number[] = [];
  for (const [index, piece] of pieces.entries()) {
    if (typeof piece === 'string') continue;
    if (piece.isStart) {
      starts.push(index);
      continue;
    }
    const start = starts.pop() as number;
    const { marker } = piece;
    const isInside = starts.some((outer) => (pieces[outer] as { marker: Marker }).marker === marker);
    const previous = pieces[start - 1];
    const touches = typeof previous === 'object' && previous.marker === marker && !dropped.has(start - 1);
    const inside = pieces.slice(start + 1, index);
    const styled = {
      marker: written(marker, true),
      before: textBeside(pieces, start, -1).slice(-1),
      inner: inside.filter((part) => typeof part === 'string').join(''),
      after: textBeside(pieces, index, 1).slice(0, 1),
      isPlain: inside.every((part, offset) => typeof part === 'string' || dropped.has(start + 1 + offset)),
    };
    if (isInside || touches || !fits(styled)) dropped.add(start).add(index);
  }
  return pieces
    .map((piece, index) =>
      typeof piece === 'string' ? piece : dropped.has(index) ? '' : written(piece.marker, piece.isStart),
    )
    .join('');
}

function written(marker: Marker, isStart: boolean): string {
  return typeof marker === 'string' ? marker : marker[isStart ? 0 : 1];
}

function textBeside(pieces: readonly Piece[], from: number, step: 1 | -1): string {
  for (let index = from + step; index >= 0 && index < pieces.length; index += step) {
    const piece = pieces[index];
    if (typeof piece === 'string' && piece !== '') return piece;
  }
  return '';
}

/** `children` between two markers. */
export function mark(marker: Marker, children: readonly Piece[]): Piece[] {
  return [{ marker, isStart: true }, ...children, { marker, isStart: false }];
}
