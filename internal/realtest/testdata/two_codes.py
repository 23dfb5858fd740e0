"""Two runs whose captured code differs in a line, by the SDK of 0.6 or later. Usage: two_codes.py ROOT"""
import pathlib
import sys

import runicorn as rn

src = pathlib.Path("src")
(src / "pkg").mkdir(parents=True)
(src / "pkg" / "model.py").write_text("width = 64\n")
for i in range(2):
    (src / "train.py").write_text(f"import pkg.model\n\nlr = 0.{i + 1}\nmain()\n")
    run = rn.init(path="vision/codes", alias=f"code-{i}", storage=sys.argv[1], snapshot_code=True, workspace_root="src")
    run.log({"loss": 1.0 / (i + 1)}, step=1)
    run.finish()
