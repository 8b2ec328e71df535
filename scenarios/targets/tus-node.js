// Serves resumable uploads with @tus/server and @tus/file-store: node tus-node.js PORT DATA MODULES
// MODULES is a node_modules folder that has both.
const [port, data, modules] = process.argv.slice(2);
const { createServer } = require('node:http');
const { mkdirSync } = require('node:fs');
const { createRequire } = require('node:module');
const { pathToFileURL } = require('node:url');
const { resolve } = require('node:path');

const from = createRequire(resolve(modules, 'any.js'));
const load = (name) => import(pathToFileURL(from.resolve(name)));

async function main() {
    const { Server } = await load('@tus/server');
    const { FileStore } = await load('@tus/file-store');
    const directory = resolve(data, 'files');
    mkdirSync(directory, { recursive: true });
    const server = new Server({
        path: '/files',
        datastore: new FileStore({ directory, expirationPeriodInMilliseconds: 24 * 3600 * 1000 }),
        maxSize: 1024 * 1024 * 1024,
    });
    createServer((request, response) => server.handle(request, response)).listen(Number(port), '127.0.0.1');
}

main().catch((problem) => {
    console.error(problem);
    process.exit(1);
});
