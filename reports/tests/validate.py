"""validate.py SCHEMA DOCUMENT: exits with 1 and says where when the document is not as the schema has it."""
import json
import sys

import jsonschema

with open(sys.argv[1], encoding="utf-8") as file:
    schema = json.load(file)
with open(sys.argv[2], encoding="utf-8") as file:
    document = json.load(file)
validator = jsonschema.Draft7Validator(schema)
wrong = list(validator.iter_errors(document))
for error in wrong:
    print("/".join(str(part) for part in error.absolute_path) or "(top)", error.message[:300])
sys.exit(1 if wrong else 0)
