// Serves resumable uploads with @tus/server and @tus/file-store: node tus-node.js PORT DATA MODULES
// MODULES is a node_modules folder that has both.
const [port, data, modules] = process.argv.slice(2);
const { createServer } = require('node:http');
const { createReadStream, existsSync, mkdirSync, readFileSync, statSync } = require('node:fs');
const { createRequire } = require('node:module');
const { pathToFileURL } = require('node:url');
const { basename, join, resolve } = require('node:path');
const { pipeline } = require('node:stream');

const from = createRequire(resolve(modules, 'any.js'));
const load = (name) => import(pathToFileURL(from.resolve(name)));

// Reading is no part of tus. The package can do it, but its way ends the process (reports/findings), so that
// nothing else could be seen; ORDEAL_TUS_GET=own takes it nevertheless.
function send(directory, url, response) {
    const file = join(directory, basename(url));
    let about = null;
    try {
        about = JSON.parse(readFileSync(`${file}.json`));
    } catch {
        // None, or a part of one, as a power cut leaves it.
    }
    if (about === null || !existsSync(file) || statSync(file).size !== about.size) {
        response.writeHead(404).end();
        return;
    }
    response.writeHead(200, { 'Content-Length': about.size });
    pipeline(createReadStream(file), response, () => {});
}

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
    const own = process.env.ORDEAL_TUS_GET === 'own';
    createServer((request, response) =>
        request.method === 'GET' && !own ? send(directory, request.url, response) : server.handle(request, response),
    ).listen(Number(port), '127.0.0.1');
}

main().catch((problem) => {
    console.error(problem);
    process.exit(1);
});
