import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate, type ZlibOptions } from 'node:zlib';

/** Bytes of a body, also after decompression. */
export const largestBody = 1024 * 1024;

const decoders = {
  gzip: promisify<Buffer, ZlibOptions, Buffer>(gunzip),
  'x-gzip': promisify<Buffer, ZlibOptions, Buffer>(gunzip),
  deflate: promisify<Buffer, ZlibOptions, Buffer>(inflate),
  br: promisify<Buffer, ZlibOptions, Buffer>(brotliDecompress),
} as const;

export type Decoded = { text: string } | { status: 413 | 415 | 422; message: string };

/** The body as text; a bomb stops at the bound, not at its end. */
export async function decodeBody(body: Buffer, encoding: string, most: number): Promise<Decoded> {
  const name = encoding.trim().toLowerCase();
  if (name === 'identity') return { text: body.toString('utf8') };
  if (!Object.hasOwn(decoders, name)) {
    return {
      status: 415,
      message: `content-encoding ${JSON.stringify(name.slice(0, 40))} is not supported; send gzip, deflate, br or none`,
    };
  }
  try {
    const decoded = await decoders[name as keyof typeof decoders](body, { maxOutputLength: most });
    return { text: decoded.toString('utf8') };
  } catch (error) {
    const isBomb = error instanceof RangeError;
    return isBomb
      ? { status: 413, message: `the body is larger than ${most} bytes after decompression` }
      : { status: 422, message: `the body is not ${name}: ${error instanceof Error ? error.message : String(error)}` };
  }
}

/** JSON and its kin: `application/json`, `application/cloudevents+json`, `text/json`. */
export function isJson(contentType: string | undefined): boolean {
  const type = (contentType ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
  return (
    type === 'application/json' || type === 'text/json' || (type.startsWith('application/') && type.endsWith('+json'))
  );
}
