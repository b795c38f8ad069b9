import { MAX_OUTPUT_BYTES } from '../workloads/contract.ts';

/** Text as it may be stored: NUL, which PostgreSQL cannot hold, becomes U+FFFD. */
export function withoutNul(text: string): string {
  return text.includes('\0') ? text.replaceAll('\0', '\uFFFD') : text;
}

/**
 * Output cut to at most 512 KiB of UTF-8: the first and the last half stay, a line between them says what was left out.
 */
export function boundOutput(text: string): { output: string; isTruncated: boolean } {
  const clean = withoutNul(text);
  if (clean.length * 3 <= MAX_OUTPUT_BYTES) return { output: clean, isTruncated: false };
  const bytes = Buffer.from(clean);
  if (bytes.length <= MAX_OUTPUT_BYTES) return { output: clean, isTruncated: false };
  const half = Math.floor((MAX_OUTPUT_BYTES - 64) / 2);
  const omitted = bytes.length - 2 * half;
  const head = bytes
    .subarray(0, half)
    .toString()
    .replace(/\uFFFD+$/, '');
  const tail = bytes
    .subarray(bytes.length - half)
    .toString()
    .replace(/^\uFFFD+/, '');
  return { output: `${head}\n… ${omitted} bytes left out …\n${tail}`, isTruncated: true };
}
