import { isOpenApiCurrent, writeOpenApi } from '../packages/api/src/write-openapi.ts';

/** Writes packages/api/openapi.json from the router; with `--check` it only says whether the file is current. */
if (process.argv.includes('--check')) {
  if (!(await isOpenApiCurrent())) {
    console.error('packages/api/openapi.json is not what the router says. Run: pnpm openapi');
    process.exitCode = 1;
  }
} else {
  await writeOpenApi();
}
