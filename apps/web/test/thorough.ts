/** `TIDEMARK_TEST_LARGE=1` looks at everything, and at as much of it as is promised, for some minutes more. */
export const isThorough = process.env['TIDEMARK_TEST_LARGE'] === '1';
