# Every command that one needs. Each says what it does.

SWIFT ?= swift

.PHONY: help run test faults build bench docs format

help:
	@echo "make run      build, and start a server to try things with (postern demo)"
	@echo "make test     build, and run every test"
	@echo "make faults   crashes, power cuts, full and failing disks, wrong next hops: is every message kept? (root)"
	@echo "make build    the release build, .build/release/postern"
	@echo "make bench    measure Postern beside Postfix and Exim, and write docs/performance.md"
	@echo "make docs     the documentation of the library, .build/documentation"
	@echo "make format   bring the sources into the house form"
	@echo "Debian packages that are missing are installed by Scripts/install-packages, which says so."

run:
	@echo "==> Packages, build, and postern demo"
	@Scripts/install-packages run
	$(SWIFT) build --product postern
	@exec "$$($(SWIFT) build --show-bin-path)/postern" demo

test:
	@echo "==> Packages, build, and all tests; then real programs against a running server, and faults"
	@Scripts/install-packages test
	$(SWIFT) test
	@Interop/run "$$($(SWIFT) build --show-bin-path)/postern"
	@Faults/run "$$($(SWIFT) build --show-bin-path)/postern"
	@Bench/instructions "$$($(SWIFT) build --show-bin-path)"

# FAULTS=--full: the sizes of docs/durability.md.
faults:
	@echo "==> Packages, build, and the harnesses of Faults/"
	@Scripts/install-packages test
	$(SWIFT) build --product postern
	@Faults/run "$$($(SWIFT) build --show-bin-path)/postern" $(FAULTS)

# The program carries Swift's libraries with it: it runs where no Swift is installed, and takes a tenth more messages a
# second than with them loaded beside it (measured).
build:
	@echo "==> Packages, and the release build"
	@Scripts/install-packages build
	$(SWIFT) build --configuration release --static-swift-stdlib --product postern
	@echo "made $$($(SWIFT) build --configuration release --show-bin-path)/postern"

# BENCH takes the options of Bench/run, as in make bench BENCH="--only a,b". With --quick nothing is written.
bench: build
	@echo "==> Packages, the instruments, and all measurements, which take half an hour"
	@Scripts/install-packages test
	$(SWIFT) build --configuration release --static-swift-stdlib --product postern-load
	$(SWIFT) build --configuration release --static-swift-stdlib --product fill-queue
	@folder="$$($(SWIFT) build --configuration release --show-bin-path)"; \
		Bench/run "$$folder" --keep .build/bench.json --write docs/performance.md $(BENCH) && Bench/instructions "$$folder"

docs:
	@echo "==> Build, and the documentation of PosternClient"
	$(SWIFT) build --target PosternClient
	@Scripts/documentation "$$($(SWIFT) build --show-bin-path)" .build/documentation
	@echo "made .build/documentation; to read it: docc preview, or any web server over it"

format:
	@echo "==> swift format, as .swift-format has it"
	$(SWIFT) format --in-place --recursive --parallel Package.swift Sources Tests Bench examples
