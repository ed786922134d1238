"""The panel Clones: what copies exist, how old their data is, when they go; asked for, decided and ended here."""
