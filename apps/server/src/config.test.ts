import { describe, expect, it } from 'vitest';
import { ConfigError, readConfig } from './config.ts';

function problems(env: Record<string, string>): readonly string[] {
  try {
    readConfig(env, false);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

describe('the configuration', () => {
  it('needs no variable', () => {
    expect(readConfig({}, true)).toMatchObject({
      host: '127.0.0.1',
      port: 3000,
      database_url: null,
      redis_url: null,
      history_store: 'sql',
      auth: 'auto',
      admin_key: null,
      worker_key: null,
      log_level: 'info',
      log_format: 'pretty',
    });
    expect(readConfig({}, false).log_format).toBe('json');
  });

  it('takes an empty variable as not set', () => {
    expect(readConfig({ PORT: '', HOST: ' ', DATABASE_URL: '' }, false)).toMatchObject({
      port: 3000,
      host: '127.0.0.1',
      database_url: null,
    });
  });

  it('says everything that is wrong at once', () => {
    const said = problems({
      PORT: 'abc',
      DATABASE_URL: 'mysql://u:secret@h/d',
      LOG_LEVEL: 'loud',
      TIDEMARK_AUTH: 'off',
      HOST: '0.0.0.0',
      HISTORY_STORE: 'redis',
    });
    expect(said).toHaveLength(5);
    expect(said.join('\n')).not.toContain('secret');
    for (const name of ['PORT', 'DATABASE_URL', 'LOG_LEVEL', 'TIDEMARK_AUTH', 'HISTORY_STORE'])
      expect(said.some((sentence) => sentence.includes(name))).toBe(true);
  });

  it('takes a history in Redis where there is one', () => {
    expect(readConfig({ HISTORY_STORE: 'redis', REDIS_URL: 'redis://127.0.0.1' }, false).history_store).toBe('redis');
    expect(problems({ HISTORY_STORE: 'redis' })).toHaveLength(1);
  });

  it.each(['70000', '-1', '1.5', '0x50', '3000;'])('refuses %s as a port', (port) => {
    expect(problems({ PORT: port })).toHaveLength(1);
  });

  it('refuses to be open beyond loopback', () => {
    expect(problems({ HOST: '0.0.0.0', TIDEMARK_AUTH: 'off' })).toHaveLength(1);
    expect(problems({ HOST: '127.0.0.1', TIDEMARK_AUTH: 'off' })).toEqual([]);
    expect(problems({ HOST: '::1', TIDEMARK_AUTH: 'off' })).toEqual([]);
  });

  it('refuses an admin key that can be guessed or contradicts the mode', () => {
    expect(problems({ TIDEMARK_ADMIN_KEY: 'abc' })).toHaveLength(1);
    expect(problems({ TIDEMARK_ADMIN_KEY: 'long-enough-key', TIDEMARK_AUTH: 'off' })).toHaveLength(1);
  });

  it('takes an identity provider whole or not at all', () => {
    const oidc = {
      TIDEMARK_OIDC_ISSUER: 'https://id.example',
      TIDEMARK_OIDC_CLIENT_ID: 'us',
      TIDEMARK_PUBLIC_URL: 'https://tm.example/base/',
    };
    expect(readConfig({ ...oidc, TIDEMARK_OIDC_DEFAULT_ROLE: 'none' }, false).oidc).toMatchObject({
      client_secret: null,
      redirect_url: 'https://tm.example/base/v1/session/oidc/callback',
      scope: 'openid profile email',
      role_claim: null,
      default_role: null,
    });
    expect(readConfig({ TIDEMARK_OIDC_CLIENT_ID: 'us' }, false).oidc).toBeNull();
    expect(problems({ TIDEMARK_OIDC_ISSUER: 'https://id.example' })).toHaveLength(2);
    expect(problems({ ...oidc, TIDEMARK_OIDC_ISSUER: 'http://id.example' })).toHaveLength(1);
    expect(problems({ ...oidc, TIDEMARK_OIDC_ISSUER: 'no address' })).toHaveLength(1);
    expect(problems({ ...oidc, TIDEMARK_OIDC_ADMIN_VALUES: 'boss', TIDEMARK_OIDC_DEFAULT_ROLE: 'admin' })).toHaveLength(2);
    expect(problems({ ...oidc, TIDEMARK_OIDC_SCOPE: 'email' })).toHaveLength(1);
    expect(readConfig({ ...oidc, TIDEMARK_OIDC_ISSUER: 'http://127.0.0.1:9000' }, false).oidc?.issuer).toBe('http://127.0.0.1:9000');
  });
});
