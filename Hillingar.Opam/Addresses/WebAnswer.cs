using System.Diagnostics;

namespace Hillingar.Opam.Addresses;

/// <summary>What a server answered.</summary>
/// <param name="response">The head of it.</param>
/// <param name="from">The address that it came from in the end, without a password.</param>
/// <param name="fetcher">Who asked.</param>
public sealed class WebAnswer(HttpResponseMessage response, Uri from, WebFetcher fetcher) : IDisposable
{
    /// <summary>The head of the answer.</summary>
    public HttpResponseMessage Response => response;

    /// <summary>The address that it came from in the end, without a password.</summary>
    public Uri From => from;

    /// <summary>The contents, as they came.</summary>
    /// <param name="limit">How many bytes may come.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="WebLimitException">The server says beforehand that there are more.</exception>
    public async Task<Stream> Read(long limit, CancellationToken cancellation)
    {
        if (response.Content.Headers.ContentLength is { } declared && declared > limit)
            throw new WebLimitException(limit);
        return new Body(
            await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false),
            fetcher,
            limit,
            response.Content.Headers.ContentLength
        );
    }

    /// <inheritdoc/>
    public void Dispose() => response.Dispose();

    // Counts bytes, and the time in which a reader waits for them; what the reader itself takes is no fault of the server's.
    sealed class Body(Stream inner, WebFetcher fetcher, long limit, long? declared) : Stream
    {
        long _read,
            _inWindow;
        TimeSpan _waited;

        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => throw new NotSupportedException();
        public override long Position
        {
            get => _read;
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count) =>
            ReadAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            using var stall = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            stall.CancelAfter(fetcher.StallTimeout - _waited);
            var began = Stopwatch.GetTimestamp();
            int read;
            try
            {
                read = await inner.ReadAsync(buffer, stall.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                throw fetcher.Stalled();
            }

            if (read == 0 && buffer.Length > 0)
                return declared > _read ? throw new IOException("the connection ended before the file did") : 0;
            if ((_read += read) > limit)
                throw new WebLimitException(limit);
            _waited += Stopwatch.GetElapsedTime(began);
            // A server that sends a byte now and then is as good as one that sends none.
            if ((_inWindow += read) >= fetcher.LowSpeed * fetcher.StallTimeout.TotalSeconds)
                (_inWindow, _waited) = (0, TimeSpan.Zero);
            else if (_waited >= fetcher.StallTimeout)
                throw fetcher.Stalled();
            return read;
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                inner.Dispose();
            base.Dispose(disposing);
        }

        public override void Flush() => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}

/// <summary>More comes than may.</summary>
/// <param name="limit">How many bytes may come.</param>
public sealed class WebLimitException(long limit) : IOException($"it has more than {limit >> 20} MiB, the most that a download may have");
