import { hash, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import type { CryptoKey } from 'jose';

/** A person at the issuer, and what it does differently for them. */
export interface Visitor {
  readonly claims: Record<string, unknown> & { readonly sub: string };
  readonly nonce?: string;
  /** Seconds from now; negative: over already. */
  readonly expires_in?: number;
  readonly is_forged?: boolean;
  /** Claims told by the user-info endpoint only. */
  readonly user_info?: Record<string, unknown>;
}

export interface TestIssuer extends AsyncDisposable {
  readonly url: string;
  /** What the token endpoint was sent, the latest last. */
  readonly exchanges: readonly URLSearchParams[];
  /** Opens the authorization page as this person: the address the browser is sent back to. */
  authorize(page: string, visitor: Visitor): URL;
  /** While true, every answer is 503. */
  isDown: boolean;
}

interface Grant {
  readonly visitor: Visitor;
  readonly asked: URLSearchParams;
}

const SECRET = 'the secret of the client';
export const TEST_CLIENT = { client_id: 'tidemark', client_secret: SECRET };

async function bodyOf(incoming: IncomingMessage): Promise<URLSearchParams> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return new URLSearchParams(Buffer.concat(chunks).toString());
}

function answer(outgoing: ServerResponse, status: number, body: unknown): void {
  outgoing.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

/** The grant of a code, taken once, by the client that asked and with its verifier. */
function redeem(grants: Map<string, Grant>, sent: URLSearchParams): Grant | null {
  const code = sent.get('code') ?? '';
  const grant = grants.get(code);
  grants.delete(code);
  const isSame =
    grant !== undefined &&
    sent.get('client_secret') === SECRET &&
    sent.get('redirect_uri') === grant.asked.get('redirect_uri') &&
    hash('sha256', sent.get('code_verifier') ?? '', 'base64url') === grant.asked.get('code_challenge');
  return isSame ? grant : null;
}

function metadataOf(url: string): Record<string, unknown> {
  return {
    issuer: url,
    authorization_endpoint: `${url}/authorize`,
    token_endpoint: `${url}/token`,
    userinfo_endpoint: `${url}/me`,
    jwks_uri: `${url}/keys`,
    response_types_supported: ['code'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256'],
    token_endpoint_auth_methods_supported: ['client_secret_post'],
  };
}

async function idTokenOf({ visitor, asked }: Grant, { issuer, key }: { issuer: string; key: CryptoKey }): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  return new SignJWT({ nonce: visitor.nonce ?? asked.get('nonce'), ...visitor.claims })
    .setProtectedHeader({ alg: 'RS256', kid: 'one' })
    .setIssuer(issuer)
    .setAudience(asked.get('client_id') ?? '')
    .setIssuedAt(now - 1000)
    .setExpirationTime(now + (visitor.expires_in ?? 300))
    .sign(key);
}

/** A real OpenID Connect issuer over HTTP: discovery, codes with PKCE, signed ID tokens, keys, user info. */
export async function startTestIssuer(): Promise<TestIssuer> {
  const [right, other] = await Promise.all([generateKeyPair('RS256'), generateKeyPair('RS256')]);
  const jwk = { ...(await exportJWK(right.publicKey)), kid: 'one', alg: 'RS256', use: 'sig' };
  const grants = new Map<string, Grant>();
  const people = new Map<string, Visitor>();
  const exchanges: URLSearchParams[] = [];
  const state = { isDown: false, url: '' };
  const token = async (sent: URLSearchParams, outgoing: ServerResponse): Promise<void> => {
    exchanges.push(sent);
    const grant = redeem(grants, sent);
    if (grant === null) return answer(outgoing, 400, { error: 'invalid_grant', error_description: '<b>no</b>' });
    const access_token = randomUUID();
    people.set(`Bearer ${access_token}`, grant.visitor);
    const key = grant.visitor.is_forged === true ? other.privateKey : right.privateKey;
    return answer(outgoing, 200, { access_token, token_type: 'Bearer', id_token: await idTokenOf(grant, { issuer: state.url, key }) });
  };
  const server = createServer((incoming, outgoing) => {
    if (state.isDown) return answer(outgoing, 503, {});
    if (incoming.url === '/.well-known/openid-configuration') return answer(outgoing, 200, metadataOf(state.url));
    if (incoming.url === '/keys') return answer(outgoing, 200, { keys: [jwk] });
    if (incoming.url === '/token') return void bodyOf(incoming).then((sent) => token(sent, outgoing));
    const visitor = people.get(incoming.headers.authorization ?? '');
    return answer(outgoing, visitor === undefined ? 401 : 200, { sub: visitor?.claims.sub, ...visitor?.user_info });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  state.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: state.url,
    exchanges,
    get isDown() {
      return state.isDown;
    },
    set isDown(isDown) {
      state.isDown = isDown;
    },
    authorize: (page, visitor) => {
      const asked = new URL(page).searchParams;
      const code = randomUUID();
      grants.set(code, { visitor, asked });
      const back = new URL(asked.get('redirect_uri') ?? '');
      back.search = new URLSearchParams({ code, state: asked.get('state') ?? '' }).toString();
      return back;
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
