import { pipeline, type Readable, type Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from 'node:zlib';
import { EgressError } from './errors.ts';

const DECODERS: Record<string, () => Transform> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
  zstd: createZstdDecompress,
};

/** What comes in is limited as well as what it unpacks to: there are bodies that unpack to nothing. */
class Intake {
  bytes = 0;
  isOver = false;

  async *read(source: Readable, limit: number): AsyncGenerator<Buffer> {
    for await (const chunk of source as AsyncIterable<Buffer>) {
      yield chunk.subarray(0, limit - this.bytes);
      this.bytes += chunk.length;
      this.isOver = this.bytes > limit;
      if (this.isOver) return;
    }
  }
}

function findDecoder(encoding: string): Transform | null {
  const codings = encoding
    .toLowerCase()
    .split(',')
    .map((coding) => coding.trim())
    .filter((coding) => coding !== '' && coding !== 'identity');
  if (codings.length > 1) throw new EgressError('body', 'the body is compressed more than once');
  return DECODERS[codings[0] ?? '']?.() ?? null;
}

export interface ReadBody {
  body: Buffer;
  /** There was more: only the first `limit` bytes were read. */
  is_body_truncated: boolean;
}

/** Unpacks and keeps the first bytes of a body; the rest is never read, however small it was packed. */
export async function readBody(source: Readable, encoding: string, limit: number): Promise<ReadBody> {
  const chunks: Buffer[] = [];
  const intake = new Intake();
  let bytes = 0;
  // Destroying it before its end makes it complain once more.
  source.on('error', () => undefined);
  try {
    const decoder = findDecoder(encoding);
    const incoming = intake.read(source, limit);
    // A failure is met where the output is read.
    const output = decoder === null ? incoming : pipeline(incoming, decoder, () => undefined);
    for await (const chunk of output as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes > limit) break;
    }
  } catch (error) {
    const isEmpty = intake.bytes === 0 && isUnpackError(error);
    if (!intake.isOver && !isEmpty) throw describeFailure(error, encoding);
  } finally {
    source.destroy();
  }
  return { body: Buffer.concat(chunks).subarray(0, limit), is_body_truncated: intake.isOver || bytes > limit };
}

const isUnpackError = (error: unknown): boolean => error instanceof Error && 'code' in error && /^(Z_|ERR_|ZSTD_)/.test(String(error.code));

function describeFailure(error: unknown, encoding: string): unknown {
  if (error instanceof EgressError) return error;
  if (isUnpackError(error)) return new EgressError('body', `the body is not valid ${encoding.slice(0, 20)}`, { cause: error });
  return new EgressError('protocol', 'the server closed the connection in the middle of the body', { cause: error });
}
