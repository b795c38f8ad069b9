export { OidcProvider } from './oidc-provider.ts';
export type { OidcSettings } from './oidc-provider.ts';
