import json
import sys

call = json.load(sys.stdin)
if "drop table" in call["tool_input"].get("command", "").lower():
    print("Dangerous command blocked")
    sys.exit(1)
