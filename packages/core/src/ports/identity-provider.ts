import type { UserRole } from '../users/contract.ts';

/** What ties the answer of the provider to the browser that asked; other ones for every visit. */
export interface VisitSecrets {
  readonly state: string;
  readonly nonce: string;
  readonly code_verifier: string;
}

/** Whom the provider vouches for. */
export interface ProviderIdentity {
  /** Issuer and subject, separated by a space: the same person for ever, whatever their address becomes. */
  readonly subject: string;
  readonly email: string | null;
  /** Null: the provider does not say. */
  readonly is_email_verified: boolean | null;
  readonly name: string | null;
  /** Null: nothing the provider says lets this person in by itself. */
  readonly role: UserRole | null;
  /** True: the provider decides the role at every sign-in. False: `role` is that of a new account only. */
  readonly decides_role: boolean;
}

/** An OpenID Connect provider. Every call ends within seconds. */
export interface IdentityProvider {
  /** Whether browsers come back over TLS. */
  readonly is_secure: boolean;
  /** Where to send a browser. @throws {AppError} UNAVAILABLE when the provider is out of reach */
  authorizationUrl(secrets: VisitSecrets): Promise<string>;
  /** Who came back. @throws {AppError} UNAUTHORIZED when the answer does not hold, UNAVAILABLE */
  identify(answer: URLSearchParams, secrets: VisitSecrets): Promise<ProviderIdentity>;
}
