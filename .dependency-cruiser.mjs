// The arrows of ARCHITECTURE.md. scripts/check-boundaries.ts runs it and fails when it sees too few modules.
const core = '^packages/core/src/';
/** Folders of core that are not nouns: `engine` composes the nouns, the rest is beneath or beside them. */
const notNouns = '(?:adapters|db|engine|ports|testing)';
const contracts = [`${core}contract[.]ts$`, `${core}[^/]+/contract[.]ts$`];
const tests = ['[.]test[.]tsx?$', '/testing/', '/test/'];
const drivers = 'node_modules/(pg|ioredis|@electric-sql)/';

/** @type {import('dependency-cruiser').IForbiddenRuleType[]} */
const rules = [
  {
    name: 'no-cycles',
    comment: 'Two modules that need each other at run time are one module, or miss a third.',
    from: {},
    to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
  },
  {
    name: 'resolvable',
    comment: 'An import nothing answers to would make every other rule blind.',
    from: {},
    to: { couldNotResolve: true, pathNot: ['^virtual:', '[.](css|svg|png|woff2)'] },
  },
  {
    name: 'vm-is-no-boundary',
    comment: 'One line of code gets out of `node:vm` into the process around it: what is not trusted runs in an isolate or the sandbox.',
    from: {},
    to: { path: '^(node:)?vm2?$' },
  },
  {
    name: 'contract-is-pure',
    comment: 'A contract is read by browsers and agents: zod and other contracts only.',
    from: { path: contracts },
    to: { pathNot: [...contracts, 'node_modules/zod/'] },
  },
  {
    name: 'nouns-not-adapters',
    comment: 'Nouns speak to ports and Kysely; the composition root chooses the adapter.',
    from: { path: `${core}(?!${notNouns}/)[^/]+/`, pathNot: tests },
    to: { path: [`${core}adapters/`, drivers] },
  },
  {
    name: 'noun-by-index',
    comment: 'Another noun is used through its index.ts or contract.ts, so that its inside can change.',
    from: { path: `${core}(?!${notNouns}/)([^/]+)/`, pathNot: tests },
    to: { path: `${core}[^/]+/`, pathNot: [`${core}$1/`, `${core}(ports|db)/`, '/index[.]ts$', '/contract[.]ts$'] },
  },
  {
    name: 'nouns-not-engine',
    comment: 'The engine composes the nouns; a noun takes its context type from there and nothing that runs.',
    from: { path: `${core}(?!${notNouns}/)[^/]+/`, pathNot: tests },
    to: { path: `${core}engine/`, dependencyTypesNot: ['type-only'] },
  },
  {
    name: 'db-and-ports-are-beneath',
    comment: 'The schema and the ports know no noun, contracts excepted.',
    from: { path: `${core}(db|ports)/`, pathNot: tests },
    to: { path: `${core}[^/]+/`, pathNot: [`${core}(db|ports)/`, '/contract[.]ts$'] },
  },
  {
    name: 'adapters-not-nouns',
    comment: 'An adapter knows its port, the schema, contracts and its client library.',
    from: { path: `${core}adapters/`, pathNot: tests },
    to: { path: `${core}[^/]+/`, pathNot: [`${core}(adapters|db|ports)/`, '/contract[.]ts$'] },
  },
  {
    name: 'adapters-apart',
    comment: 'What two adapters share belongs beneath both.',
    from: { path: `${core}adapters/([^/]+)/`, pathNot: tests },
    to: { path: `${core}adapters/[^/]+/`, pathNot: `${core}adapters/($1|shared)/` },
  },
  {
    name: 'testing-stays-in-tests',
    comment: 'Factories and contract suites never ship; the bench and the fault rig are not shipped either.',
    from: { pathNot: [...tests, '[.]config[.]ts$', '^(apps/web/)?scripts/', '^packages/(bench|chaos)/'] },
    to: { path: '/testing/' },
  },
  {
    name: 'tests-are-leaves',
    comment: 'Nothing imports a test.',
    from: { pathNot: '[.]test[.]tsx?$' },
    to: { path: '[.]test[.]tsx?$' },
  },
  {
    name: 'api-not-storage',
    comment: 'Routers are thin: they call core, which owns storage.',
    from: { path: '^packages/api/src/', pathNot: tests },
    to: { path: [`${core}(adapters|db)/`, 'node_modules/kysely/', drivers] },
  },
  {
    name: 'routers-apart',
    comment: 'A router serves one noun; what two need is trpc.ts, rest/ or core.',
    from: { path: '^packages/api/src/([^/]+)/router[.]ts$' },
    to: { path: '^packages/api/src/[^/]+/router[.]ts$' },
  },
  {
    name: 'web-takes-contracts-and-types',
    comment: 'The browser bundle gets contracts; everything else of our packages is types only.',
    from: { path: '^apps/web/src/', pathNot: tests },
    to: { path: '^packages/', pathNot: '/contract[.]ts$', dependencyTypesNot: ['type-only'] },
  },
  {
    name: 'features-apart',
    comment: 'Features meet in app/ (routes); what two share is ui/ or lib/.',
    from: { path: '^apps/web/src/features/([^/]+)/' },
    to: { path: '^apps/web/src/features/[^/]+/', pathNot: '^apps/web/src/features/$1/' },
  },
  {
    name: 'ui-has-no-data',
    comment: 'ui/ draws what it is given.',
    from: { path: '^apps/web/src/(ui|lib)/', pathNot: tests },
    to: { path: '^apps/web/src/(app|features)/' },
  },
  {
    name: 'agents-by-client',
    comment: 'The agent and the command line use the typed client and contracts, as anybody outside would.',
    from: { path: ['^apps/(worker|cli)/src/', '^packages/sdk/src/'], pathNot: tests },
    to: {
      path: '^packages/',
      pathNot: ['^packages/(egress|sdk)/src/', '^packages/api/src/client[.]ts$', '/contract[.]ts$', `${core}errors[.]ts$`],
      dependencyTypesNot: ['type-only'],
    },
  },
  {
    name: 'egress-knows-nobody',
    comment: 'The way out is a library: what may be reached is told to it.',
    from: { path: '^packages/egress/src/' },
    to: { path: ['^packages/(?!egress/)', '^apps/'] },
  },
  {
    name: 'apps-are-roots',
    comment: 'Nothing imports an app; `tidemark up` alone starts the server and the agent it ships with.',
    from: { pathNot: '^apps/' },
    to: { path: '^apps/' },
  },
  {
    name: 'apps-apart',
    comment: 'One app does not reach into another, `tidemark up|server|worker` and tests excepted.',
    from: { path: '^apps/([^/]+)/', pathNot: ['^apps/cli/src/', ...tests] },
    to: { path: '^apps/[^/]+/', pathNot: '^apps/$1/' },
  },
  {
    name: 'apps-by-index',
    comment: 'What the command line starts, it starts through the app’s index.ts.',
    from: { path: '^apps/cli/src/', pathNot: tests },
    to: { path: '^apps/(?!cli/)[^/]+/src/', pathNot: '^apps/[^/]+/src/index[.]ts$' },
  },
];

/** @type {import('dependency-cruiser').IForbiddenRuleType[]} */
export const forbidden = rules.map((rule) => ({ severity: 'error', ...rule }));

/** @type {import('dependency-cruiser').ICruiseOptions} */
export const options = {
  tsPreCompilationDeps: true,
  doNotFollow: { path: 'node_modules' },
  exclude: { path: '(^|/)dist/' },
  enhancedResolveOptions: {
    exportsFields: ['exports'],
    conditionNames: ['import', 'node', 'default', 'types'],
    extensions: ['.ts', '.tsx', '.js', '.mjs', '.json'],
  },
};
