import sys

from examhall.site.cli.main import main

sys.exit(main())
