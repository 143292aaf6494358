await Web.Lookup.Create(args).RunAsync();
