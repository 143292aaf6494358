dotnet run --project "$PSScriptRoot/build" --verbosity quiet -- @args; exit $LASTEXITCODE
