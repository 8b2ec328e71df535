// Uploads a file with tus-js-client, cuts it in the middle, and resumes it: node tus_client.js MODULES BASE FILE NAME
'use strict';
const fs = require('fs');
const path = require('path');
const [modules, base, file, name] = process.argv.slice(2);
const tus = require(path.join(modules, 'tus-js-client'));
const size = fs.statSync(file).size;

function upload(url, onProgress, onSuccess) {
  const one = new tus.Upload(fs.createReadStream(file), {
    endpoint: `${base}/v1/uploads`,
    uploadUrl: url,
    uploadSize: size,
    chunkSize: 1 << 20,
    retryDelays: [50, 100, 200, 400, 800],
    metadata: { filename: name },
    onError: (error) => { console.error(String(error)); process.exit(1); },
    onProgress: (sent) => onProgress(one, sent),
    onSuccess,
  });
  one.start();
}

let cut = false;
upload(null, (one, sent) => {
  if (cut || sent < size / 3) return;
  cut = true;
  one.abort().then(() => {
    upload(one.url, () => {}, () => console.log(`cut at ${sent} of ${size}`));
  });
}, () => { console.error('it ended before it was cut'); process.exit(1); });
