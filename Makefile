# A thin front for Meson. `make` builds build/plexus; `make help` lists the rest.

BUILD ?= build
PREFIX ?= /usr/local
DESTDIR ?=
MESON ?= meson
NINJA ?= ninja

all: $(BUILD)/build.ninja ## build build/plexus and the manual pages
	@$(NINJA) -C $(BUILD) --quiet product

# Files are found by folder, so a file that comes or goes must make Meson look again; so must another prefix, and
# cmocka, without which there are no unit tests: `make demo` does not install it, and `make check` does.
SETUP := --prefix=$(PREFIX) $(MESON_ARGS) $(shell packaging/sources) $(shell pkg-config --modversion cmocka 2>/dev/null)
ifneq ($(SETUP),$(file <$(BUILD)/setup))
.PHONY: $(BUILD)/build.ninja
endif

# The touch and restat: Meson writes its own state after build.ninja, and Ninja would configure a second time.
$(BUILD)/build.ninja:
	@[ -f $@ ] || packaging/dependencies build
	@mkdir -p $(BUILD)
	@$(MESON) setup $$([ ! -f $@ ] || echo --reconfigure) --prefix=$(PREFIX) $(MESON_ARGS) $(BUILD) \
		>$(BUILD)/setup.log || { cat $(BUILD)/setup.log; exit 1; }
	@touch $@ && $(NINJA) -C $(BUILD) -t restat build.ninja >/dev/null
	@printf '%s' '$(SETUP)' >$(BUILD)/setup

demo: ## build, apply a first network, ping across it and take it down, in a private world
	@packaging/demo

check: ## all tests: unit, tests/net, tests/vm
	@packaging/dependencies build test
	@$(MAKE) --no-print-directory all
	@BUILD=$(BUILD) tests/run

bench: ## measure against peers
	@packaging/dependencies build bench
	@$(MAKE) --no-print-directory all
	@$(NINJA) -C $(BUILD) --quiet bench-plan
	@PLEXUS=$(BUILD)/plexus bench/run; PLEXUS=$(BUILD)/plexus bench/firewall

lint: ## format, static analysis, layers
	@packaging/dependencies build test lint
	@$(MAKE) --no-print-directory all
	@BUILD=$(BUILD) tests/lint/run

format: ## format the C files in place
	@packaging/sources c | xargs -r clang-format -i

install: all ## install under $(DESTDIR)$(PREFIX)
	@DESTDIR=$(DESTDIR) $(MESON) install --no-rebuild --quiet -C $(BUILD)

uninstall: $(BUILD)/build.ninja ## remove what `make install` put there
	@DESTDIR=$(DESTDIR) packaging/uninstall $(BUILD)

clean: ## remove everything that was built
	@rm -rf $(BUILD)

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' Makefile | expand -t 12

.PHONY: all demo check bench lint format install uninstall clean help
