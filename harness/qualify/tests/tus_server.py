#!/usr/bin/env python3
"""A tus 1.0.0 server with every extension, in memory: tus_server.py PORT [DEFECT...].

For the cases that no installed server announces. Each defect breaks one requirement; tus.sh names them.
"""
import base64
import email.utils
import hashlib
import http.server
import re
import sys
import threading
import time

PORT = int(sys.argv[1])
DEFECTS = set(sys.argv[2:])
LIFE = 6  # seconds that a whole case has on a busy machine; cases wait for the end of no longer ones
PIECE = 'application/offset+octet-stream'
ALGORITHMS = {'sha1': hashlib.sha1, 'md5': hashlib.md5}
EXTENSIONS = ('creation,creation-with-upload,creation-defer-length,expiration,checksum,checksum-trailer,termination,'
              'concatenation')
if 'no-termination' in DEFECTS:  # which is none: the protocol leaves it to the server
    EXTENSIONS = EXTENSIONS.replace(',termination', '')
uploads = {}
lock = threading.Lock()


class Upload:
    def __init__(self, length, metadata, concat):
        self.length, self.metadata, self.concat = length, metadata, concat
        self.content = b''
        self.expires = int(time.time()) + LIFE

    def whole(self):
        return self.length == len(self.content)

    def expired(self):
        return not self.whole() and time.time() > self.expires and 'no-expiry' not in DEFECTS


class Refused(Exception):
    def __init__(self, status, **fields):
        super().__init__(status)
        self.status, self.fields = status, fields


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def log_message(self, *_):
        pass

    # --- answers ---

    def answer(self, status, body=b'', **fields):
        self.send_response(status)
        self.send_header('Connection', 'close')
        if self.command != 'OPTIONS':
            self.send_header('Tus-Resumable', '1.0.0')
        for name, value in fields.items():
            if value is not None:
                self.send_header(name.replace('_', '-'), str(value))
        if status != 204:
            self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        if status != 204 and self.command != 'HEAD':
            self.wfile.write(body)

    def dispatch(self):
        self.body_taken = False
        method = self.headers.get('X-HTTP-Method-Override', self.command)
        try:
            if method != 'OPTIONS' and method != 'GET' and self.headers.get('Tus-Resumable') != '1.0.0':
                raise Refused(412, Tus_Version='1.0.0')
            handler = getattr(self, 'tus_' + method.lower(), None)
            if handler is None:
                raise Refused(405, Allow='POST, HEAD, PATCH, DELETE, OPTIONS, GET')
            with lock:
                handler()
        except Refused as refused:
            # Closing with bytes unread would take the answer back.
            if not self.body_taken:
                self.body()
            self.answer(refused.status, **refused.fields)

    do_POST = do_HEAD = do_PATCH = do_DELETE = do_OPTIONS = do_GET = dispatch

    # --- requests ---

    def number(self, name):
        value = self.headers.get(name)
        if value is not None and not re.fullmatch(r'[0-9]+', value):
            raise Refused(400)
        return None if value is None else int(value)

    def find(self):
        upload = uploads.get(self.path)
        if upload is None:
            raise Refused(404)
        if upload.expired():
            raise Refused(410)
        return upload

    def body(self):
        """The content, and the fields behind it; what came of a broken-off one."""
        self.body_taken = True
        if 'chunked' not in self.headers.get('Transfer-Encoding', ''):
            return self.rfile.read(int(self.headers.get('Content-Length', 0))), {}
        whole, trailer = b'', {}
        while size := int(self.rfile.readline().split(b';')[0], 16):
            whole += self.rfile.read(size)
            self.rfile.readline()
        while (line := self.rfile.readline().strip()):
            name, _, value = line.decode().partition(':')
            trailer[name.strip().lower()] = value.strip()
        return whole, trailer

    def take_piece(self, upload):
        content, trailer = self.body()
        if upload.length is not None and len(upload.content) + len(content) > upload.length:
            raise Refused(413)
        behind = trailer.get('upload-checksum')
        checksum = self.headers.get('Upload-Checksum') or (None if 'no-trailer' in DEFECTS else behind)
        if checksum:
            algorithm, _, value = checksum.partition(' ')
            if algorithm not in ALGORITHMS:
                raise Refused(400)
            if base64.b64encode(ALGORITHMS[algorithm](content).digest()).decode() != value:
                if 'keep-wrong' in DEFECTS:
                    upload.content += content
                raise Refused(460)
        upload.content += content

    def tus_options(self):
        self.answer(204, Tus_Version='1.0.0', Tus_Extension=EXTENSIONS, Tus_Max_Size=1 << 30,
                    Tus_Checksum_Algorithm='sha1,md5')

    def joined(self, concat):
        parts = [uploads.get(re.sub(r'^https?://[^/]+', '', url)) for url in concat[len('final;'):].split()]
        if None in parts:
            raise Refused(404)
        if not all(part.whole() for part in parts) and 'join-unfinished' not in DEFECTS:
            raise Refused(400)
        if 'wrong-order' in DEFECTS:
            parts.reverse()
        return b''.join(part.content for part in parts)

    def tus_post(self):
        length, defer = self.number('Upload-Length'), self.headers.get('Upload-Defer-Length')
        concat = self.headers.get('Upload-Concat')
        final = concat is not None and concat.startswith('final;')
        if not final and (length is None) == (defer is None) or defer not in (None, '1'):
            raise Refused(400)
        if length is not None and length > 1 << 30:
            raise Refused(413)
        upload = Upload(length, self.headers.get('Upload-Metadata'), concat)
        if final:
            upload.content = self.joined(concat)
            upload.length = len(upload.content)
        elif self.headers.get('Content-Type') == PIECE:
            self.take_piece(upload)
        path = f'/files/{len(uploads)}'
        uploads[path] = upload
        self.answer(201, Location=path, Upload_Offset=len(upload.content), Upload_Expires=self.expiry(upload))

    def expiry(self, upload):
        return None if upload.whole() else email.utils.formatdate(upload.expires, usegmt=True)

    def tus_head(self):
        upload = self.find()
        self.answer(200, Upload_Offset=len(upload.content), Upload_Length=upload.length, Cache_Control='no-store',
                    Upload_Metadata=upload.metadata, Upload_Concat=None if 'no-concat' in DEFECTS else upload.concat,
                    Upload_Defer_Length='1' if upload.length is None else None)

    def tus_patch(self):
        upload = self.find()
        if upload.concat is not None and upload.concat.startswith('final;') and 'patch-final' not in DEFECTS:
            raise Refused(403)
        if self.headers.get('Content-Type') != PIECE:
            raise Refused(415)
        offset = self.number('Upload-Offset')
        if offset is None:
            raise Refused(400)
        if offset != len(upload.content):
            raise Refused(409)
        length = self.number('Upload-Length')
        if length is not None and upload.length not in (None, length):
            raise Refused(400)
        upload.length = upload.length if length is None else length
        self.take_piece(upload)
        self.answer(204, Upload_Offset=len(upload.content), Upload_Expires=self.expiry(upload))

    def tus_delete(self):
        self.find()
        del uploads[self.path]
        self.answer(204)

    def tus_get(self):
        upload = self.find()
        if not upload.whole():
            raise Refused(404)
        self.answer(200, upload.content)


http.server.ThreadingHTTPServer.request_queue_size = 128
http.server.ThreadingHTTPServer(('127.0.0.1', PORT), Handler).serve_forever()
