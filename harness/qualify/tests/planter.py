#!/usr/bin/env python3
"""Stands between ordeal and a real server and plants one defect: planter.py DEFECT PORT DATA -- command...

The command starts the server; @PORT@ and @DATA@ in it are replaced. Each defect is one function of DEFECTS: it may change
the request, answer by itself, or change the answer; DEFECT:1 does it every time. At the end the planter prints how often it did.
With PORT 0 it listens where there is room, and prints where.
"""
import asyncio
import hashlib
import random
import re
import signal
import socket
import sys
import time


class Message:
    def __init__(self, line, fields, body):
        self.line, self.fields, self.body = line, fields, body
        self.closes = False

    def get(self, name):
        return next((value for key, value in self.fields if key.lower() == name.lower()), None)

    def set(self, name, value):
        self.drop(name)
        self.fields.append((name, value))

    def drop(self, name):
        before = len(self.fields)
        self.fields = [(key, value) for key, value in self.fields if key.lower() != name.lower()]
        return len(self.fields) != before

    @property
    def method(self):
        return self.line.split(' ')[0]

    @property
    def target(self):
        return self.line.split(' ')[1]

    @property
    def status(self):
        return int(self.line.split(' ')[1])

    @status.setter
    def status(self, code):
        self.line = f'HTTP/1.1 {code} Planted'

    def resize(self, body):
        self.body = body
        self.drop('Transfer-Encoding')
        self.set('Content-Length', str(len(body)))


def answer(status, body=b'', **fields):
    made = Message(f'HTTP/1.1 {status} Planted', [(k.replace('_', '-'), v) for k, v in fields.items()], b'')
    made.resize(body)
    return made


hits = 0
period = 0
seen = {}


def hit():
    global hits
    hits += 1


def every(count, key):
    """True for each count-th request of this kind: most of the service stays sound."""
    seen[key] = seen.get(key, 0) + 1
    return seen[key] % (period or count) == 0


NO_CONTENTS = ('ready', 'metrics', '/manifests/', '/tags/list', 'list-type=', 'uploadId=')


def is_file(request):
    """What brings a file's contents."""
    return len(request.target) > 1 and not any(part in request.target for part in NO_CONTENTS)


def is_name(request):
    """What a file is found by: registries have manifests, which name their blobs."""
    return '/manifests/' in request.target or is_file(request) and '/blobs/' not in request.target


def is_piece(request):
    """Of an upload: PATCH, or a part of S3."""
    return request.method == 'PATCH' or request.method == 'PUT' and 'partNumber=' in request.target


# --- defects: (request, forward) -> answer ---


async def none(request, forward):
    return await forward(request)


async def flip_byte(request, forward):
    reply = await forward(request)
    if request.method == 'GET' and reply.status == 200 and is_file(request) and len(reply.body) > 8 and every(2, 'flip'):
        body = bytearray(reply.body)
        body[len(body) // 2] ^= 1
        reply.body = bytes(body)
        hit()
    return reply


async def cut_body(request, forward):
    reply = await forward(request)
    if request.method == 'GET' and reply.status == 200 and is_file(request) and len(reply.body) > 20 and every(2, 'cut'):
        reply.resize(reply.body[:-7])
        hit()
    return reply


async def zero_tail(request, forward):
    reply = await forward(request)
    if request.method == 'GET' and reply.status == 200 and is_file(request) and len(reply.body) > 20 and every(2, 'zero'):
        reply.body = reply.body[:-8] + bytes(8)
        hit()
    return reply


def drop(request, name):
    """Of a signed request only harness/tests/s3_server.py can, once it has looked at the signature."""
    if request.get(name) is not None:
        hit()
        if 'AWS4' in (request.get('Authorization') or ''):
            request.set('Planted-Drop', name)
        else:
            request.drop(name)


async def drop_if_match(request, forward):
    drop(request, 'If-Match')
    return await forward(request)


async def drop_if_none_match(request, forward):
    drop(request, 'If-None-Match')
    return await forward(request)


async def deny_412(request, forward):
    reply = await forward(request)
    if reply.status == 412 and request.method == 'PUT':
        hit()
        return answer(201)
    return reply


async def range_200(request, forward):
    reply = await forward(request)
    if reply.status == 416:
        request.drop('Range')
        hit()
        return await forward(request)
    return reply


async def range_shift(request, forward):
    reply = await forward(request)
    if reply.status == 206 and len(reply.body) > 1:
        reply.body = reply.body[1:] + reply.body[:1]
        hit()
    return reply


async def forget_put(request, forward):
    if request.method == 'PUT' and is_name(request) and every(4, 'put'):
        hit()
        return answer(201, ETag='"planted"')
    return await forward(request)


async def lost_delete(request, forward):
    if request.method == 'DELETE' and every(2, 'delete'):
        hit()
        return answer(204, Tus_Resumable='1.0.0')
    return await forward(request)


async def same_etag(request, forward):
    reply = await forward(request)
    if reply.drop('ETag'):
        reply.set('ETag', '"planted"')
        hit()
    return reply


async def stale_read(request, forward):
    """Every second read of a name brings what an earlier one brought."""
    if request.method != 'GET' or not is_name(request) or request.get('Range'):
        return await forward(request)
    old = seen.get(request.target)
    if old is not None and every(2, 'stale'):
        hit()
        return Message(old.line, list(old.fields), old.body)
    reply = await forward(request)
    seen.setdefault(request.target, Message(reply.line, list(reply.fields), reply.body))
    return reply


async def missing_read(request, forward):
    if request.method == 'GET' and is_name(request) and every(6, 'missing'):
        hit()
        return answer(404)
    return await forward(request)


async def head_length(request, forward):
    reply = await forward(request)
    if request.method == 'HEAD' and reply.get('Content-Length'):
        reply.set('Content-Length', str(int(reply.get('Content-Length')) + 1))
        hit()
    return reply


async def late_repeat(request, forward):
    """A write is carried out once more a moment after its answer."""
    reply = await forward(request)
    if request.method == 'PUT' and reply.status < 300 and every(2, 'late'):
        async def again():
            await asyncio.sleep(0.03)
            await forward(request)
            hit()
        asyncio.get_running_loop().create_task(again())
    return reply


async def doubled_write(request, forward):
    if request.method == 'PUT':
        await forward(request)
        hit()
    return await forward(request)


# One of several in a list of the storage API, of S3, of a registry
LISTED = re.compile(rb'(^\{"files":\s*\[)\s*\{[^{}]*\}\s*,|(?:)<Contents>.*?</Contents>|("tags":\s*\[)"[^"]*",?', re.S)


async def list_omits(request, forward):
    reply = await forward(request)
    if request.method == 'PROPFIND' and reply.status == 207:
        all_of = re.findall(rb'<(?:[A-Za-z]+:)?response[ >].*?</(?:[A-Za-z]+:)?response>', reply.body, re.S)
        if len(all_of) > 1:
            reply.resize(reply.body.replace(all_of[-1], b'', 1))
            hit()
    elif request.method == 'GET' and reply.status == 200 and LISTED.search(reply.body):
        shorter = LISTED.sub(rb'\1', reply.body, count=1)
        if shorter != reply.body:
            reply.resize(shorter)
            hit()
    return reply


async def repeat_event(request, forward):
    reply = await forward(request)
    if '/changes' in request.target and reply.status == 200:
        twice = re.sub(rb'(\{[^{}]*\})(\s*\])', rb'\1,\1\2', reply.body, count=1)
        if twice != reply.body and every(2, 'event'):
            reply.resize(twice)
            hit()
    return reply


async def move_copies(request, forward):
    if request.method == 'MOVE':
        request.line = request.line.replace('MOVE', 'COPY', 1)
        hit()
    return await forward(request)


async def not_modified(request, forward):
    if request.method == 'GET' and request.get('If-None-Match'):
        hit()
        return answer(304, ETag=request.get('If-None-Match'))
    return await forward(request)


async def no_allow(request, forward):
    reply = await forward(request)
    if reply.status == 405 and reply.drop('Allow'):
        hit()
    return reply


async def put_is_200(request, forward):
    reply = await forward(request)
    if request.method == 'PUT' and reply.status == 201:
        reply.status = 200
        hit()
    return reply


async def offset_plus_one(request, forward):
    reply = await forward(request)
    if request.method == 'PATCH' and reply.get('Upload-Offset'):
        reply.set('Upload-Offset', str(int(reply.get('Upload-Offset')) + 1))
        hit()
    elif request.method == 'PATCH' and reply.get('Range'):
        reply.set('Range', f"0-{int(reply.get('Range').split('-')[1]) + 1}")
        hit()
    return reply


async def head_offset_back(request, forward):
    reply = await forward(request)
    if request.method == 'HEAD' and int(reply.get('Upload-Offset') or 0) > 0:
        reply.set('Upload-Offset', str(int(reply.get('Upload-Offset')) - 1))
        hit()
    elif request.method == 'GET' and '/blobs/uploads/' in request.target and int((reply.get('Range') or '0-0')[2:]) > 1:
        reply.set('Range', f"0-{int(reply.get('Range')[2:]) - 1}")
        hit()
    elif request.method == 'GET' and b'<ListPartsResult' in reply.body and b'<Part>' in reply.body:
        first, _, rest = reply.body.rpartition(b'<Part>')
        reply.resize(first + rest.partition(b'</Part>')[2])
        hit()
    return reply


async def deny_409(request, forward):
    reply = await forward(request)
    if request.method == 'PATCH' and reply.status == 409:
        hit()
        return answer(204, Upload_Offset=request.get('Upload-Offset'), Tus_Resumable='1.0.0')
    return reply


async def flip_piece(request, forward):
    if is_piece(request) and len(request.body) > 8 and every(2, 'piece'):
        body = bytearray(request.body)
        body[len(body) // 2] ^= 1
        request.body = bytes(body)
        hit()
    return await forward(request)


async def forget_piece(request, forward):
    """Answers as if the piece had been taken."""
    if is_piece(request) and request.body and every(3, 'forget'):
        hit()
        if request.method == 'PUT':
            return answer(200, ETag='"' + hashlib.md5(request.body).hexdigest() + '"')
        if request.get('Content-Range'):
            return answer(202, Location=request.target, Range='0-' + request.get('Content-Range').split('-')[1])
        offset = int(request.get('Upload-Offset') or 0) + len(request.body)
        return answer(204, Upload_Offset=str(offset), Tus_Resumable='1.0.0')
    return await forward(request)


async def no_version(request, forward):
    reply = await forward(request)
    if reply.drop('Tus-Resumable'):
        hit()
    return reply


async def cached_offset(request, forward):
    reply = await forward(request)
    if request.method == 'HEAD' and reply.drop('Cache-Control'):
        hit()
    return reply


async def any_version(request, forward):
    if request.get('Tus-Resumable') not in (None, '1.0.0'):
        request.set('Tus-Resumable', '1.0.0')
        hit()
    return await forward(request)


async def no_metadata(request, forward):
    reply = await forward(request)
    if reply.drop('Upload-Metadata'):
        hit()
    return reply


async def any_digest(request, forward):
    reply = await forward(request)
    if reply.status == 400 and 'digest=' in request.target:
        hit()
        return answer(201, Location=request.target)
    return reply


async def any_signature(request, forward):
    reply = await forward(request)
    if reply.status == 403:
        hit()
        return answer(200)
    return reply


async def silent_close(request, forward):
    """The connection ends behind the answer, which does not say so."""
    reply = await forward(request)
    if request.method == 'GET' and is_file(request):
        reply.closes = True
        hit()
    return reply


async def no_absolute_form(request, forward):
    if request.target.startswith('http://'):
        hit()
        return answer(404)
    return await forward(request)


async def wrong_bounds(request, forward):
    reply = await forward(request)
    if request.target == '/metrics':
        reply.resize(reply.body.replace(b'ordeal_file_bytes_bucket{le="16384"}', b'ordeal_file_bytes_bucket{le="4999"}'))
        hit()
    return reply


async def one_sample_less(request, forward):
    reply = await forward(request)
    if request.method == 'GET' and '/samples' in request.target and reply.status == 200:
        reply.resize(re.sub(rb'("samples":\s*\[)\s*\{[^{}]*\}\s*,', rb'\1', reply.body, count=1))
        hit()
    return reply


DEFECTS = {name.replace('_', '-'): value for name, value in list(globals().items())
           if asyncio.iscoroutinefunction(value)}

# --- the proxy ---


async def read_message(reader, bare):
    """One request or answer; None at the end. `bare`: an answer that has no content whatever its fields say."""
    try:
        head = await reader.readuntil(b'\r\n\r\n')
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    lines = head.decode('latin-1').split('\r\n')
    fields = [tuple(part.strip() for part in line.split(':', 1)) for line in lines[1:] if line]
    message = Message(lines[0], fields, b'')
    if bare or lines[0].startswith('HTTP/') and message.status in (204, 304):
        return message
    if lines[0].startswith('HTTP/') and 100 <= message.status < 200:
        return await read_message(reader, bare)
    if 'chunked' in (message.get('Transfer-Encoding') or '').lower():
        whole = b''
        while size := int((await reader.readline()).split(b';')[0], 16):
            whole += await reader.readexactly(size)
            await reader.readline()
        while (await reader.readline()).strip():
            pass
        message.resize(whole)
    elif message.get('Content-Length') is not None:
        try:
            message.body = await reader.readexactly(int(message.get('Content-Length')))
        except asyncio.IncompleteReadError as short:  # as some servers' own answers are
            message.resize(short.partial)
    elif lines[0].startswith('HTTP/'):
        message.resize(await reader.read())
    return message


def write_message(writer, message):
    head = '\r\n'.join([message.line] + [f'{key}: {value}' for key, value in message.fields])
    writer.write(head.encode('latin-1') + b'\r\n\r\n' + message.body)


async def forward_to(port, request):
    reader, writer = await asyncio.open_connection('127.0.0.1', port, limit=1 << 20)
    try:
        write_message(writer, request)
        await writer.drain()
        reply = await read_message(reader, request.method == 'HEAD')
        if reply is None:
            raise ConnectionError('the server closed the connection')
        return reply
    finally:
        writer.close()


async def serve(reader, writer, defect, port):
    try:
        while (request := await read_message(reader, False)) is not None:
            fields = dict(method=request.method)
            asked_to_close = (request.get('Connection') or '').lower() == 'close'
            request.drop('Connection')
            request.set('Connection', 'close')
            request.drop('Expect')
            try:
                reply = await defect(request, lambda r: forward_to(port, r))
            except OSError:
                reply = answer(502)
            reply.drop('Connection')
            if fields['method'] == 'HEAD':
                reply.body = b''
            if asked_to_close:
                reply.set('Connection', 'close')
            write_message(writer, reply)
            await writer.drain()
            if asked_to_close or reply.closes:
                break
    except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
        pass
    finally:
        writer.close()


held = []


def free_port():
    """Below what Linux hands out by itself: until the server binds it, nobody's connection takes it. Nor does another planter:
    whoever has chosen a port holds a name for it as long as it lives."""
    while True:
        port = random.randrange(15000, 32000)
        name = socket.socket(socket.AF_UNIX)
        with socket.socket() as one:
            try:
                name.bind(f'\0ordeal-planter-{port}')
                one.bind(('127.0.0.1', port))
                held.append(name)
                return port
            except OSError:
                name.close()


async def main():
    global period
    name, _, always = sys.argv[1].partition(':')
    period = int(always or 0)
    port, data = int(sys.argv[2]), sys.argv[3]
    if name not in DEFECTS:
        sys.exit(f'planter: there is no defect {name}; there are {" ".join(DEFECTS)}')
    behind = free_port()
    command = [part.replace('@PORT@', str(behind)).replace('@DATA@', data) for part in sys.argv[5:]]
    server = await asyncio.start_server(lambda r, w: serve(r, w, DEFECTS[name], behind), '127.0.0.1', port,
                                        limit=1 << 20)
    print(f'planter listens on 127.0.0.1:{server.sockets[0].getsockname()[1]}', flush=True)
    child = await asyncio.create_subprocess_exec(*command)
    done = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, done.set)
    ended = asyncio.ensure_future(child.wait())
    await asyncio.wait([ended, asyncio.ensure_future(done.wait())], return_when=asyncio.FIRST_COMPLETED)
    print(f'planted {name} {hits} times', flush=True)
    server.close()
    if child.returncode is None:
        child.terminate()
        await child.wait()


if __name__ == '__main__':
    asyncio.run(main())
