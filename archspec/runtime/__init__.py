"""The module that the generated source makes: built, verified, given its weights. From here on torch is needed."""
