/** A key for secrets at rest, known to servers and never to the database. */
export interface SecretKey {
  /** Tells keys apart without telling anything of them. */
  readonly id: string;
  /** 32 bytes. */
  readonly bytes: Uint8Array;
}
