#!/usr/bin/env python3
"""An S3 server in memory for one bucket, for the tests of our S3 driver: s3_server.py PORT

Every request must be signed (AWS Signature Version 4 as its documentation has it, checked here with nothing of ours), every
query in its canonical form. Has versions, conditional writes, ListObjectsV2, multipart uploads with ListParts; pages are short,
so that the driver must follow them.
"""
import hashlib
import hmac
import re
import sys
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from xml.sax.saxutils import escape

USER, SECRET, REGION = "ORDEALKEY", "ordeal/secret+key", "eu-test-1"
PAGE = 20

lock = threading.Lock()
bucket_made = False
objects = {}  # key: [(version id, bytes or None for a delete marker)], oldest first
uploads = {}  # id: (key, {number: bytes})
counter = 0


def next_id(prefix):
    global counter
    counter += 1
    return prefix + hashlib.sha1(str(counter).encode()).hexdigest()


def tag_of(body):
    return '"%s"' % hashlib.md5(body).hexdigest()


def mac(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def signature_is_right(method, path, query, headers):
    match = re.fullmatch(r"AWS4-HMAC-SHA256 Credential=([^/]+)/(\d{8})/([^/]+)/s3/aws4_request, ?"
                         r"SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})", headers.get("Authorization", ""))
    if match is None or match[1] != USER or match[3] != REGION:
        return False
    pairs = urllib.parse.parse_qsl(query, keep_blank_values=True)
    canonical_query = "&".join(sorted("%s=%s" % (urllib.parse.quote(a, safe="-_.~"), urllib.parse.quote(b, safe="-_.~"))
                                      for a, b in pairs))
    names = match[4].split(";")
    wanted = {"host", "x-amz-date", "x-amz-content-sha256"} | {n.lower() for n in headers if n.lower().startswith("x-amz-")}
    if names != sorted(names) or not wanted <= set(names) or any(n not in headers for n in names):
        return False
    fields = "".join("%s:%s\n" % (n, " ".join(headers[n].split())) for n in names)
    canonical_path = urllib.parse.quote(urllib.parse.unquote_to_bytes(path), safe="/-_.~")
    request = "\n".join([method, canonical_path, canonical_query, fields, match[4], headers["x-amz-content-sha256"]])
    scope = "%s/%s/s3/aws4_request" % (match[2], REGION)
    text = "\n".join(["AWS4-HMAC-SHA256", headers["x-amz-date"], scope, hashlib.sha256(request.encode()).hexdigest()])
    key = mac(mac(mac(mac(("AWS4" + SECRET).encode(), match[2]), REGION), "s3"), "aws4_request")
    return hmac.compare_digest(hmac.new(key, text.encode(), hashlib.sha256).hexdigest(), match[5])


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, body=b"", **fields):
        self.send_response(status)
        for name, value in fields.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def refuse(self, status, code):
        self.answer(status, ("<Error><Code>%s</Code></Error>" % code).encode())

    def xml(self, text, **fields):
        self.answer(200, ('<?xml version="1.0"?>' + text).encode(), **fields)

    def handle_any(self):
        path, _, query = self.path.partition("?")
        length = int(self.headers.get("Content-Length", 0))
        body = self.rfile.read(length)
        if len(body) < length:
            return
        if not signature_is_right(self.command, path, query, self.headers):
            self.refuse(403, "SignatureDoesNotMatch")
            return
        # What is signed can be taken away only behind the signature: harness/qualify/tests/planter.py asks for it.
        del self.headers[self.headers.get("Planted-Drop", "")]
        asked = dict(urllib.parse.parse_qsl(query, keep_blank_values=True))
        bucket, _, key = urllib.parse.unquote(path).lstrip("/").partition("/")
        with lock:
            self.act(bucket, key, asked, body)

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = handle_any

    def act(self, bucket, key, asked, body):
        global bucket_made
        if self.command == "PUT" and key == "":
            bucket_made = True
            self.answer(200)
        elif not bucket_made or bucket != "ordeal":
            self.refuse(404, "NoSuchBucket")
        elif key == "" and self.command == "HEAD":
            self.answer(200)
        elif key == "":
            self.list_versions(asked) if "versions" in asked else self.list_objects(asked)
        elif "uploadId" in asked or "uploads" in asked:
            self.multipart(key, asked, body)
        else:
            {"GET": self.get, "HEAD": self.get, "PUT": self.put, "DELETE": self.delete}[self.command](key, asked, body)

    def current(self, key):
        versions = objects.get(key, [])
        return versions[-1] if versions and versions[-1][1] is not None else None

    def write(self, key, body):
        name = next_id("v")
        objects.setdefault(key, []).append((name, body))
        return name

    def put(self, key, _, body):
        now = self.current(key)
        if self.headers.get("If-None-Match") == "*" and now is not None:
            return self.refuse(412, "PreconditionFailed")
        match = self.headers.get("If-Match")
        if match is not None and now is None:
            return self.refuse(404, "NoSuchKey")
        if match is not None and match != tag_of(now[1]):
            return self.refuse(412, "PreconditionFailed")
        source = self.headers.get("x-amz-copy-source")
        if source is None:
            return self.answer(200, ETag=tag_of(body), x_amz_version_id=self.write(key, body))
        place, _, query = source.partition("?versionId=")
        name = urllib.parse.unquote(place).lstrip("/").partition("/")[2]
        found = [b for v, b in objects.get(name, []) if v == query and b is not None]
        if not found:
            return self.refuse(404, "NoSuchVersion")
        made = self.write(key, found[0])
        return self.xml("<CopyObjectResult><ETag>%s</ETag></CopyObjectResult>" % escape(tag_of(found[0])),
                        x_amz_version_id=made)

    def get(self, key, asked, _):
        found = self.current(key)
        if "versionId" in asked:
            found = next((v for v in objects.get(key, []) if v[0] == asked["versionId"] and v[1] is not None), None)
        if found is None:
            return self.refuse(404, "NoSuchKey")
        name, body = found
        wanted = re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers.get("Range", ""))
        if wanted is None:
            return self.answer(200, body, ETag=tag_of(body), x_amz_version_id=name)
        first, last = int(wanted[1]), min(int(wanted[2]), len(body) - 1)
        if first >= len(body):
            return self.refuse(416, "InvalidRange")
        return self.answer(206, body[first:last + 1], ETag=tag_of(body),
                           Content_Range="bytes %d-%d/%d" % (first, last, len(body)))

    def delete(self, key, _, __):
        objects.setdefault(key, []).append((next_id("v"), None))
        self.answer(204)

    def list_objects(self, asked):
        after = asked.get("continuation-token", "")
        keys = sorted(k for k in objects if k.startswith(asked["prefix"]) and k > after and self.current(k) is not None)
        page = keys[:PAGE]
        entries = "".join("<Contents><Key>%s</Key><Size>%d</Size></Contents>" % (escape(k), len(self.current(k)[1]))
                          for k in page)
        more = "<NextContinuationToken>%s</NextContinuationToken>" % escape(page[-1]) if len(keys) > PAGE else ""
        self.xml('<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><IsTruncated>%s</IsTruncated>%s%s'
                 "</ListBucketResult>" % (str(len(keys) > PAGE).lower(), more, entries))

    def list_versions(self, asked):
        rows = []
        for key in sorted(k for k in objects if k.startswith(asked["prefix"])):
            rows += [(key, v, b) for v, b in reversed(objects[key])]
        if "key-marker" in asked:
            marker = (asked["key-marker"], asked["version-id-marker"])
            places = [i for i, row in enumerate(rows) if (row[0], row[1]) == marker]
            rows = rows[places[0] + 1:]
        page = rows[:PAGE]
        text = ""
        for key, version, body in page:
            kind = "DeleteMarker" if body is None else "Version"
            size = "" if body is None else "<Size>%d</Size>" % len(body)
            text += "<%s><Key>%s</Key><VersionId>%s</VersionId>%s</%s>" % (kind, escape(key), version, size, kind)
        if len(rows) > PAGE:
            text += "<NextKeyMarker>%s</NextKeyMarker><NextVersionIdMarker>%s</NextVersionIdMarker>" % (
                escape(page[-1][0]), page[-1][1])
        self.xml("<ListVersionsResult><IsTruncated>%s</IsTruncated>%s</ListVersionsResult>"
                 % (str(len(rows) > PAGE).lower(), text))

    def multipart(self, key, asked, body):
        if "uploads" in asked:
            name = next_id("u/+")
            uploads[name] = (key, {})
            return self.xml("<InitiateMultipartUploadResult><UploadId>%s</UploadId></InitiateMultipartUploadResult>" % name)
        name = asked["uploadId"]
        if name not in uploads or uploads[name][0] != key:
            return self.refuse(404, "NoSuchUpload")
        parts = uploads[name][1]
        if self.command == "PUT":
            parts[int(asked["partNumber"])] = body
            return self.answer(200, ETag=tag_of(body))
        if self.command == "DELETE":
            del uploads[name]
            return self.answer(204)
        if self.command == "GET":
            return self.list_parts(parts, int(asked.get("part-number-marker", 0)))
        named = [(int(n), t) for n, t in re.findall(r"<PartNumber>(\d+)</PartNumber><ETag>&quot;(\w+)&quot;</ETag>",
                                                   body.decode())]
        if not named or any(tag_of(parts.get(n, b"")) != '"%s"' % t for n, t in named):
            return self.xml("<Error><Code>InvalidPart</Code></Error>")
        del uploads[name]
        made = self.write(key, b"".join(parts[n] for n, _ in named))
        return self.xml("<CompleteMultipartUploadResult/>", x_amz_version_id=made)

    def list_parts(self, parts, after):
        numbers = sorted(n for n in parts if n > after)
        page = numbers[:PAGE]
        text = "".join("<Part><PartNumber>%d</PartNumber><ETag>%s</ETag><Size>%d</Size></Part>"
                       % (n, escape(tag_of(parts[n])), len(parts[n])) for n in page)
        if len(numbers) > PAGE:
            text += "<NextPartNumberMarker>%d</NextPartNumberMarker>" % page[-1]
        self.xml("<ListPartsResult><IsTruncated>%s</IsTruncated>%s</ListPartsResult>"
                 % (str(len(numbers) > PAGE).lower(), text))


class Server(ThreadingHTTPServer):
    request_queue_size = 128
    daemon_threads = True


if __name__ == "__main__":
    Server(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
