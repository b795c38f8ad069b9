import { AppError } from '@tidemark/core/errors';
import { MediaTypeError } from '../errors.ts';

export const MAX_BODY_BYTES = 1_048_576;

const utf8 = new TextDecoder('utf-8', { fatal: true });
const JSON_TYPE = /^application\/json\s*(?:;\s*charset\s*=\s*"?utf-8"?\s*)?;?\s*$/i;

/** What a route takes beyond a small JSON body: the type of a text of its own, and how long its bodies may be. */
export interface BodyRule {
  readonly content_type: string;
  readonly max_bytes: number;
}

function tooLarge(maxBytes: number): AppError {
  return new AppError('PAYLOAD_TOO_LARGE', `The body has more than ${maxBytes} bytes. Send less in one request.`, {
    data: { max_bytes: maxBytes },
  });
}

async function readBounded(stream: ReadableStream<Uint8Array>, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.byteLength;
    // Leaving the loop cancels the stream: nothing more is read.
    if (size > maxBytes) throw tooLarge(maxBytes);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
}

async function readBytes(request: Request, length: string | null, maxBytes: number): Promise<ArrayBuffer | Uint8Array> {
  // With a length the HTTP parser stops there; without one only counting helps.
  if (length !== null) return request.arrayBuffer();
  return request.body === null ? new Uint8Array() : readBounded(request.body, maxBytes);
}

/** Whether the body is announced as the route's own text. */
export function isOwnText(request: Request, rule: BodyRule | undefined): boolean {
  const [type = ''] = (request.headers.get('content-type') ?? '').split(';');
  return rule !== undefined && type.trim().toLowerCase() === rule.content_type;
}

/** @throws {MediaTypeError} unless the body is announced as plain UTF-8 JSON, or as the route's own text. */
function requireType(request: Request, rule: BodyRule | undefined): void {
  const type = request.headers.get('content-type');
  if (!isOwnText(request, rule) && (type === null || !JSON_TYPE.test(type))) {
    throw new MediaTypeError('Send the body as JSON with the header "content-type: application/json".', 'content-type');
  }
  const encoding = request.headers.get('content-encoding');
  if (encoding !== null && encoding.toLowerCase() !== 'identity') {
    throw new MediaTypeError('Send the body without content-encoding; compressed bodies are not read.', 'content-encoding');
  }
}

/**
 * The body as text, or null when there is none.
 * @throws {AppError} PAYLOAD_TOO_LARGE over 1 MiB or what the rule allows, VALIDATION when it is not announced as JSON or not UTF-8.
 */
export async function readText(request: Request, rule?: BodyRule): Promise<string | null> {
  const maxBytes = rule?.max_bytes ?? MAX_BODY_BYTES;
  const length = request.headers.get('content-length');
  if (length === '0' || (length === null && request.headers.get('transfer-encoding') === null)) return null;
  if (length !== null && Number(length) > maxBytes) throw tooLarge(maxBytes);
  requireType(request, rule);
  const bytes = await readBytes(request, length, maxBytes).catch((error: unknown) => {
    if (error instanceof AppError) throw error;
    throw new AppError('VALIDATION', 'The connection ended before the body was complete.', { cause: error });
  });
  if (bytes.byteLength > maxBytes) throw tooLarge(maxBytes);
  if (bytes.byteLength === 0) return null;
  try {
    return utf8.decode(bytes);
  } catch {
    throw new AppError('VALIDATION', 'The body is not valid UTF-8.', { issues: [{ path: '', message: 'must be UTF-8' }] });
  }
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new AppError('VALIDATION', 'The body is not valid JSON.', { issues: [{ path: '', message: 'must be JSON' }] });
  }
}
