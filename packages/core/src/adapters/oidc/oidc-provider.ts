import * as oidc from 'openid-client';
import { AppError } from '../../errors.ts';
import type { IdentityProvider, ProviderIdentity, VisitSecrets } from '../../ports/index.ts';
import { claimAt, roleOfClaims, type RoleMapping } from './role-of-claims.ts';

export interface OidcSettings extends RoleMapping {
  readonly issuer: string;
  readonly client_id: string;
  /** Null: a public client, protected by PKCE alone. */
  readonly client_secret: string | null;
  readonly redirect_url: string;
  readonly scope: string;
}

const TIMEOUT_SECONDS = 5;
const CLOCK_TOLERANCE_SECONDS = 30;
/** What the provider says about itself is read again after this long; while it cannot be, what it said before holds. */
const BELIEVED_MS = 3_600_000;
const MAX_SUBJECT_CHARS = 255;

type Claims = Readonly<Record<string, unknown>>;

function unavailable(cause: unknown): AppError {
  return new AppError('UNAVAILABLE', 'The identity provider is out of reach. Try again in a moment.', {
    data: { reason: 'unavailable', retry_after_seconds: 5 },
    cause,
  });
}

function refused(cause: unknown): AppError {
  return new AppError('UNAUTHORIZED', 'The identity provider did not confirm who you are.', { data: { reason: 'refused' }, cause });
}

/** The status of a response; 0 of anything else. An HTTP host may replace the global Response, so its class tells nothing. */
function statusOf(cause: unknown): number {
  return typeof cause === 'object' && cause !== null && 'status' in cause && typeof cause.status === 'number' ? cause.status : 0;
}

/** Whether the provider could not be asked, as opposed to said no or said something that does not hold. */
function isOutage(error: unknown): boolean {
  if (error instanceof oidc.ResponseBodyError) return error.status >= 500;
  if (error instanceof TypeError) return true;
  if (!(error instanceof oidc.ClientError)) return false;
  return error.code === 'OAUTH_TIMEOUT' || statusOf(error.cause) >= 500;
}

/** The secret in the form the provider takes: in the body where it says so, else in the header, which all must take. */
function authenticationOf(secret: string | null): oidc.ClientAuth {
  if (secret === null) return oidc.None();
  const [inBody, inHeader] = [oidc.ClientSecretPost(secret), oidc.ClientSecretBasic(secret)];
  return (server, ...rest) => {
    const isBody = server.token_endpoint_auth_methods_supported?.includes('client_secret_post') === true;
    (isBody ? inBody : inHeader)(server, ...rest);
  };
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

/** Authorization code with PKCE, state and nonce; signatures of ID tokens are always checked. */
export class OidcProvider implements IdentityProvider {
  readonly is_secure: boolean;
  readonly #settings: OidcSettings;
  #known: { readonly config: oidc.Configuration; readonly until: number } | null = null;
  #asking: Promise<oidc.Configuration> | null = null;

  constructor(settings: OidcSettings) {
    this.#settings = settings;
    this.is_secure = new URL(settings.redirect_url).protocol === 'https:';
  }

  async authorizationUrl({ state, nonce, code_verifier }: VisitSecrets): Promise<string> {
    const config = await this.#configuration();
    const parameters = {
      redirect_uri: this.#settings.redirect_url,
      scope: this.#settings.scope,
      state,
      nonce,
      code_challenge: await oidc.calculatePKCECodeChallenge(code_verifier),
      code_challenge_method: 'S256',
    };
    return oidc.buildAuthorizationUrl(config, parameters).href;
  }

  async identify(answer: URLSearchParams, { state, nonce, code_verifier }: VisitSecrets): Promise<ProviderIdentity> {
    const config = await this.#configuration();
    const url = new URL(this.#settings.redirect_url);
    url.search = answer.toString();
    const checks = { expectedState: state, expectedNonce: nonce, pkceCodeVerifier: code_verifier, idTokenExpected: true };
    try {
      const tokens = await oidc.authorizationCodeGrant(config, url, checks);
      const idClaims = tokens.claims();
      if (idClaims === undefined || idClaims.sub.length > MAX_SUBJECT_CHARS || /[^\x20-\x7e]/.test(idClaims.sub))
        throw new Error('the subject is missing or malformed');
      const claims = await this.#complete(config, idClaims, tokens.access_token);
      return this.#identityOf({ ...claims, iss: idClaims.iss, sub: idClaims.sub });
    } catch (error) {
      throw isOutage(error) ? unavailable(error) : refused(error);
    }
  }

  /** The claims with those of the user-info endpoint, where the token lacks what is needed and the provider has one. */
  async #complete(config: oidc.Configuration, idClaims: oidc.IDToken, accessToken: string): Promise<Claims> {
    const { role_claim } = this.#settings;
    const isComplete = idClaims['email'] !== undefined && (role_claim === null || claimAt(idClaims, role_claim) !== undefined);
    if (isComplete || config.serverMetadata().userinfo_endpoint === undefined) return idClaims;
    return { ...(await oidc.fetchUserInfo(config, accessToken, idClaims.sub)), ...idClaims };
  }

  #identityOf(claims: Claims & { readonly iss: string; readonly sub: string }): ProviderIdentity {
    const verified = claims['email_verified'];
    return {
      subject: `${claims.iss} ${claims.sub}`,
      email: textOf(claims['email']),
      is_email_verified: typeof verified === 'boolean' ? verified : null,
      name: textOf(claims['name']),
      role: roleOfClaims(claims, this.#settings),
      decides_role: this.#settings.role_claim !== null,
    };
  }

  async #configuration(): Promise<oidc.Configuration> {
    const known = this.#known;
    if (known !== null && known.until > performance.now()) return known.config;
    this.#asking ??= this.#discover().finally(() => (this.#asking = null));
    try {
      return await this.#asking;
    } catch (error) {
      if (known !== null) return known.config;
      throw unavailable(error);
    }
  }

  async #discover(): Promise<oidc.Configuration> {
    const { issuer, client_id, client_secret } = this.#settings;
    const config = await oidc.discovery(
      new URL(issuer),
      client_id,
      { [oidc.clockTolerance]: CLOCK_TOLERANCE_SECONDS },
      authenticationOf(client_secret),
      {
        timeout: TIMEOUT_SECONDS,
        execute: issuer.startsWith('http:')
          ? [oidc.allowInsecureRequests, oidc.enableNonRepudiationChecks]
          : [oidc.enableNonRepudiationChecks],
      },
    );
    this.#known = { config, until: performance.now() + BELIEVED_MS };
    return config;
  }
}
