// Where `build.sh` leaves what these tests serve.

import { fileURLToPath } from 'node:url';

export const SITE = process.env.TABLOG_TEST_SITE
  ?? fileURLToPath(new URL('../../target-web/browser-tests', import.meta.url));
