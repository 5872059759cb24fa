import json
import sys

call = json.load(sys.stdin)
if "drop table" in call["tool_input"].get("command", "").lower():
    print("Dangerous command blocked", file=sys.stderr)
    sys.exit(2)
