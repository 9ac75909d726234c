# A worker of all files of the suite, which reaches the test server on this machine. `cargo xtask test` replaces the words
# in capital letters.
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
      # Modules are URLs, as they are by default at newer dates: a query makes a copy of the package.
      compatibilityFlags = ["new_module_registry"],
      bindings = [
        (name = "self", service = "suite"),
BINDINGS      ],
    )),
  ],
);
