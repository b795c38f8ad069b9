import { isOpenApiCurrent, writeOpenApi } from '../packages/api/src/write-openapi.ts';

/** Writes packages/api/openapi.json and docs/permissions.md from the router; with `--check` it only says whether they are current. */
if (process.argv.includes('--check')) {
  if (!(await isOpenApiCurrent())) {
    console.error('packages/api/openapi.json or docs/permissions.md is not what the router says. Run: pnpm openapi');
    process.exitCode = 1;
  }
} else {
  await writeOpenApi();
}
