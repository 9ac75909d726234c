# A worker with all files of the suite, which can connect to the test server on this machine. `cargo xtask test`
# replaces the words in capital letters.
using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  v8Flags = ["--expose-gc"],
  services = [
    (name = "internet", network = (
      allow = ["local", "private"],
      tlsOptions = (trustBrowserCas = true, trustedCertificates = [CERTIFICATES]),
    )),
    (name = "suite", worker = (
      modules = [
MODULES      ],
      compatibilityDate = "DATE",
      # Modules are URLs, which is the default at newer dates. A query creates a copy of the package.
      compatibilityFlags = ["new_module_registry"],
      bindings = [
        (name = "self", service = "suite"),
BINDINGS      ],
    )),
  ],
);
