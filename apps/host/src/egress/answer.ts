import type { Readable } from 'node:stream';
import { constants, createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';

/** Bytes of an answer that are read, and bytes that are made of them where they are packed. */
export const largestAnswer = 64 * 1024;

/** The start of a body as text. A few bytes that unpack to very many are no more than others. */
export async function textOf(body: Buffer, encoding: string, most: number): Promise<string> {
  const unpack = decoders[encoding.trim().toLowerCase()]?.();
  if (!unpack) return body.toString('utf8');
  unpack.end(body);
  const unpacked: Buffer[] = [];
  try {
    for await (const chunk of startOf(unpack, most)) unpacked.push(chunk);
  } catch {
    // Broken further on: what came before is what there is.
  }
  return Buffer.concat(unpacked).toString('utf8');
}

/** The chunks until there is enough; then the stream is destroyed. */
async function* startOf(stream: AsyncIterable<Buffer>, most: number): AsyncGenerator<Buffer> {
  let left = most;
  for await (const chunk of stream) {
    yield chunk.subarray(0, left);
    left -= chunk.length;
    if (left <= 0) return;
  }
}

/** The input may have been cut, so its end is no fault. */
const finishFlush = constants.Z_SYNC_FLUSH;

const decoders: Readonly<Record<string, () => NodeJS.ReadWriteStream & Readable>> = {
  gzip: () => createGunzip({ finishFlush }),
  'x-gzip': () => createGunzip({ finishFlush }),
  deflate: () => createInflate({ finishFlush }),
  br: () => createBrotliDecompress({ finishFlush: constants.BROTLI_OPERATION_FLUSH }),
};
