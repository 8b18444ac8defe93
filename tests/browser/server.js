// A static server for one folder, on a port of the system's choice, under a sub-path if asked; what it does not
// find it answers with the folder's 404.html, as static hosts do. It knows nothing of Tablog.

import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { extname, join, normalize } from 'node:path';

const TYPES = {
  '.css': 'text/css',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
};

// `alter` may change what a path's file says: (path, bytes) => bytes.
export async function serve(folder, { under = '/', alter = (_path, bytes) => bytes } = {}) {
  const notFound = await readFile(join(folder, '404.html')).catch(() => 'not found');
  const server = createServer(async (request, response) => {
    if (request.url === '/favicon.ico') return response.writeHead(204).end();
    const path = normalize(new URL(request.url, 'http://localhost').pathname);
    const inside = path.startsWith(under) ? path.slice(under.length - 1) : '/outside';
    const file = join(folder, inside.endsWith('/') ? `${inside}index.html` : inside);
    try {
      const body = await readFile(file);
      response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream' });
      response.end(alter(inside, body));
    } catch {
      response.writeHead(404, { 'content-type': TYPES['.html'] }).end(path.startsWith(under) ? notFound : 'not found');
    }
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    close: () => new Promise((resolve) => { server.closeAllConnections(); server.close(resolve); }),
  };
}
